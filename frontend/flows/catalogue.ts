/** A small shop: groceries, clothes and things for the house; some categories have no drawing of their own. */

export interface CatalogueItem {
  item_id: string;
  title: string;
  category_path: string[];
  brand: string;
  price_minor: number;
  currency: string;
  image_url: null;
  available: boolean;
}

const KINDS: [department: string, category: string, titles: string[]][] = [
  ["Groceries", "Milk products", ["Whole milk, 1 l", "Oat drink, 1 l", "Half cream, 200 ml"]],
  ["Groceries", "Fruit", ["Bananas, 1 kg", "Gala apples, 1 kg", "Blood oranges, net of 6"]],
  ["Groceries", "Bread", ["Sourdough loaf", "Six soft rolls", "Rye crackers"]],
  ["Groceries", "Breakfast", ["Rolled oats, 500 g", "Honey, wild flowers", "Espresso beans, 250 g"]],
  ["Groceries", "Cheese", ["Cheddar, mature", "Goat's cheese, roll", "Mozzarella, 125 g"]],
  ["Groceries", "Seasonal", ["Advent assortment", "Harvest basket for two", "Picnic set"]],
  ["Women", "Knitwear", ["Slim merino cardigan, sage", "Chunky wool sweater, sand", "Cotton pullover, navy"]],
  ["Women", "Shoes", ["Leather ankle boot, black", "Canvas sneaker, white", "Suede loafer, terracotta"]],
  ["Home", "Textiles", ["Wool throw, sage", "Linen cushion, sand", "Cotton blanket, sky blue"]],
  ["Home", "Lighting", ["Desk lamp, ruby", "Paper lamp, white", "Bedside lamp, navy"]],
  ["Home", "Bathroom", ["Bath mat, terracotta", "Wall hook, set of 3", "Laundry hamper"]],
  ["Garden", "Plants", ["Boston fern in a pot", "Olive tree, 80 cm", "Succulent, set of 4"]],
  ["Garden", "Tools", ["Hand trowel, oak", "Secateurs, steel", "Leaf rake"]],
  ["Office", "Miscellaneous", ["Archive frame, A4", "Magnet set", "Whiteboard, 60 × 40"]],
  ["Pets", "Dogs", ["Chew bone, large", "Dog bed, grey", "Rope toy"]],
  ["Books", "Novels", ["The long river, a novel", "A map of small islands", "Winter light"]],
];
const BRANDS = ["Fernhaven", "Alder & Co", "Nordwick", "Birkmark"];

export const CATALOGUE: CatalogueItem[] = [0, 1, 2].flatMap((nth) =>
  KINDS.map(([department, category, titles], kind) => {
    const n = nth * KINDS.length + kind;
    return {
      item_id: `i${n}`,
      title: titles[nth] ?? "",
      category_path: [department, category],
      brand: BRANDS[n % BRANDS.length] ?? "",
      price_minor: 149 + ((n * 367) % 4_800),
      currency: "EUR",
      image_url: null,
      available: true,
    };
  }),
);
