/** Draws a picture for a product without one, from its category and title; the same product always gets the same picture. */

import type { Motif } from "./motifs";

export interface Drawing {
  /** Null when no drawing fits: then a neutral tile shows the category's initial instead of a wrong picture. */
  motif: Motif | null;
  initial: string;
  /** Hue of the drawing, in degrees of the colour circle; the background is a paler shade of it. */
  hue: number;
  /** 0 = grey, 1 = the strongest colour of a drawing. */
  chroma: number;
  /** Lightness of the drawing, 0 - 1. */
  lightness: number;
  /** Centre of a disc behind the drawing, for variety, on a square of 100. */
  disc: { x: number; y: number; r: number };
  tilt: number;
}

/**
 * The first match counts: first in the leaf category, then in the title. Higher categories are too wide to say what a
 * product looks like. A word is listed only if the drawing shows such a product; a neutral tile is better than a wrong
 * picture.
 */
const NAMED: [words: RegExp, motif: Motif][] = [
  [/\bsun ?(cream|care)/, "tube"],
  [/\bface cream/, "jar"],
  [/\bbananas?\b/, "banana"],
  [/\b(ice cream|frozen yogurt|sherbet|popsicle)/, "ice"],
  [/\b(milk|cream|half.?half|buttermilk|creamer)\b/, "carton"],
  [/\b(eggs?)\b/, "egg"],
  [/\b(cheese|cheddar|mozzarella)/, "cheese"],
  [/\b(bread|buns?|rolls?|toast|loaf)\b/, "bread"],
  [/\b(cakes?|pies?|pastr\w*|dessert|brownie)\b/, "cake"],
  [/\b(cookies?|crackers?|wafers?)\b/, "cookie"],
  [/\b(chips?|snacks?|pretzels?|popcorn|candy|nuts|granola)\b/, "snack"],
  [
    /\b(wine|beer|ale|liquor|spirits|oil|vinegar|soft drinks?|sft|soda|water|juices?|drinks?|shampoo|ketchup|syrup|perfume)\b/,
    "bottle",
  ],
  [/\b(coffee|tea|cocoa|espresso|mug|chai)\b/, "cup"],
  [/\b(soups?|beans|tuna|canned|broth|paint)\b/, "can"],
  [
    /\b(jam|jelly|honey|peanut|sauces?|salsa|pickles?|olives|spreads?|baby food|jar|spices?|mustard|dressing|condiments?)\b/,
    "jar",
  ],
  [/\bcarrots?\b/, "carrot"],
  [/\b(apples?|peach\w*|fruits?|plums?)\b/, "fruit"],
  [/\b(lettuce|salads?|spinach|greens|herbs?|vegetables?|veg|produce)\b/, "greens"],
  [/\b(fish|seafood|salmon|tilapia|aquarium)\b/, "fish"],
  [/\b(beef|pork|chicken|poultry|turkey|ham|meats?|steak|ribs|lamb|primal)\b/, "meat"],
  [/\b(dogs?|pets?|chew)\b/, "bone"],
  [/\b(noodles?|pasta|rice|cereals?|oatmeal|oats|entrees?|dinners?|bowl|yogurt|side dishes)\b/, "bowl"],
  [/\b(cookware|pan|saucepan|wok|casserole|skillet)\b/, "pan"],
  [/\b(sugar|flour|food mix|litter|charcoal|soil|seeds?|salt)\b/, "bag"],
  [/\b(tissues?|towels?|toilet|napkins?|paper|foil|wrap|tape|ribbon)\b/, "roll"],
  [/\b(soap|lotion|detergents?|cleanser|body wash|shower|serum|conditioner|softener)\b/, "pump"],
  [/\b(spray|cleaners?|deodorant|disinfect|air freshener|mist|stain)\b/, "spray"],
  [/\b(toothpaste|cosmetics|make-?up|mascara|dental|oral)\b/, "tube"],
  [/\b(vitamins?|tablets?|remed\w*|analgesic|medic\w*|allergy|antacid)\b/, "pill"],
  [/\b(candles?|tea lights)\b/, "candle"],
  [/\b(lamps?|lighting|(fairy|night|bike|aquarium) lights?|bulbs?)\b/, "lamp"],
  [/\b(cushion|pillow|throw|textiles)\b/, "cushion"],
  [/\b(dress|dresses)\b/, "dress"],
  [/\b(jeans|trousers|leggings|chinos|joggers)\b/, "trousers"],
  [/\b(shoes?|boots?|sneakers?|loafer|derby|high-top|slip-on)\b/, "shoe"],
  [/\b(shirts?|blouse|tops|sweater|cardigan|pullover|hoodie|knitwear|clothes|apparel)\b/, "shirt"],
  [/\b(flowers?|floral|roses?|bouquet)\b/, "flower"],
  [/\b(plants?|fern|succulent|planter)\b/, "plant"],
  [/\b(trowel|spade|garden tools)\b/, "tool"],
  [/\b(headphones|earbuds)\b/, "headphones"],
  [/\b(phone|electronics|smartphone)\b/, "device"],
  [/\b(watch|watches|smartwatch)\b/, "watch"],
  [/\b(rings?|jewell?ery)\b/, "ring"],
  [/\b(books?|novels?|magazines?|diary|planner|notebook|sketchbook)\b/, "book"],
  [/\b(pen|pens|pencils?|crayons|writing|stationery)\b/, "pencil"],
  [/\b(toys?|blocks)\b/, "blocks"],
  [/\b(fitness|dumbbell|kettlebell)\b/, "dumbbell"],
  [/\b(chair|armchair|seating|furniture)\b/, "chair"],
  [/\b(bag|bags|tote)\b/, "tote"],
  [/\b(cigarettes?|frozen|frzn|mix|mixes|boxed|pizza)\b/, "box"],
];
/** If the title names a kind of the leaf's product, that kind is drawn. */
const KINDS_OF: Partial<Record<Motif, Motif>> = { banana: "fruit", cake: "bread", carrot: "greens", cheese: "carton" };
/** Natural colours of products, as [hue, chroma, lightness]; other products have the hue of their department. */
const NATURAL: Partial<Record<Motif, [number, number, number]>> = {
  fruit: [45, 1.15, 0.7],
  banana: [92, 1.15, 0.83],
  greens: [140, 0.8, 0.72],
  carrot: [55, 1.2, 0.74],
  bread: [72, 0.85, 0.74],
  cookie: [66, 0.8, 0.68],
  cake: [20, 0.7, 0.76],
  cheese: [88, 1.1, 0.83],
  carton: [235, 0.75, 0.72],
  egg: [58, 0.6, 0.78],
  meat: [22, 1, 0.64],
  fish: [225, 0.7, 0.7],
  ice: [350, 0.7, 0.8],
  plant: [40, 0.8, 0.66],
  flower: [355, 0.95, 0.72],
  cup: [50, 0.6, 0.62],
  bone: [75, 0.4, 0.82],
  ring: [85, 0.8, 0.76],
  candle: [70, 0.45, 0.84],
};

/** Colours named in titles, as [hue, chroma, lightness]. */
const COLOURS: Record<string, [number, number, number]> = {
  black: [260, 0.1, 0.34],
  white: [80, 0.12, 0.93],
  sage: [145, 0.4, 0.7],
  navy: [262, 0.75, 0.4],
  terracotta: [42, 0.85, 0.63],
  sand: [78, 0.45, 0.82],
  ruby: [18, 1, 0.52],
  "sky blue": [235, 0.6, 0.76],
};

export function drawingOf(categoryPath: readonly string[], title: string): Drawing {
  const hash = hashOf(`${categoryPath.join("/")}|${title}`);
  const motif = motifOf(categoryPath, title);
  const plain: [number, number, number] = [hashOf(categoryPath[0] ?? "") % 360, 0.7, 0.68];
  const natural = motif === null ? undefined : NATURAL[motif];
  const [hue, chroma, lightness] = natural ?? plain;
  const varied: [number, number, number] = [
    hue + spread(hash, natural ? 34 : 90),
    chroma,
    lightness + spread(hash >>> 9, 0.08),
  ];
  const [atHue, withChroma, atLightness] = colourNamed(title) ?? varied;
  return {
    motif,
    initial: initialOf(categoryPath.at(-1) ?? title),
    hue: (atHue + 360) % 360,
    chroma: withChroma,
    lightness: atLightness,
    disc: { x: 50 + spread(hash >>> 13, 44), y: 50 + spread(hash >>> 17, 30), r: 34 + ((hash >>> 21) % 12) },
    tilt: spread(hash >>> 7, 10),
  };
}

function motifOf(categoryPath: readonly string[], title: string): Motif | null {
  // The leaf says what the product is; the title also names material and colour.
  const byTitle = named(title);
  const byLeaf = named(categoryPath.at(-1) ?? "");
  return byTitle !== null && KINDS_OF[byTitle] === byLeaf ? byTitle : (byLeaf ?? byTitle);
}

function named(text: string): Motif | null {
  const words = text.toLowerCase();
  return NAMED.find(([names]) => names.test(words))?.[1] ?? null;
}

/** The first letter or digit as a capital; empty when there is none. */
function initialOf(name: string): string {
  return (/[\p{L}\p{N}]/u.exec(name)?.[0] ?? "").toUpperCase();
}

function colourNamed(title: string): [number, number, number] | undefined {
  const last = title.split(",").at(-1)?.trim().toLowerCase() ?? "";
  return Object.hasOwn(COLOURS, last) ? COLOURS[last] : undefined;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}

/** A number in ±width/2. */
function spread(hash: number, width: number): number {
  return ((hash % 1000) / 999 - 0.5) * width;
}
