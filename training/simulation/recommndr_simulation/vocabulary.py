"""The words of the simulated shop: departments, categories, products, brands. Every name is invented or a plain word."""

import re

# Department, typical price in USD, weight of demand, days until bought again (0 = rarely), peak day of the year, amplitude of
# demand around it, materials; below it the categories with four products each.
_DEPARTMENTS = """
Kitchen|24|1.3|0|335|.25|Oak,Steel,Ceramic,Glass,Bamboo,Enamel
    Cookware: Frying Pan, Saucepan, Casserole, Wok
    Tableware: Mug, Dinner Plate, Bowl, Tumbler
    Baking: Cake Tin, Rolling Pin, Muffin Tray, Piping Set
    Storage: Jar, Lunch Box, Spice Rack, Bread Bin
    Knives: Chef Knife, Peeler, Cutting Board, Knife Sharpener
Pantry|6|1.4|21|350|.10|Organic,Mild,Roasted,Fair,Fine,Whole
    Coffee: Coffee Beans, Ground Coffee, Espresso Capsule, Decaf Coffee
    Tea: Green Tea, Black Tea, Herbal Tea, Chai
    Sweets: Dark Chocolate, Nougat, Biscuit, Caramel
    Basics: Olive Oil, Pasta, Honey, Sea Salt
    Snacks: Roasted Nuts, Crackers, Dried Fruit, Granola
Beauty|14|1.3|30|345|.15|Aloe,Rose,Oat,Citrus,Lavender,Almond
    Skin: Face Cream, Cleanser, Serum, Sun Cream
    Hair: Shampoo, Conditioner, Hair Oil, Hair Mask
    Bath: Hand Soap, Bath Salt, Body Lotion, Shower Gel
    Make-up: Lipstick, Mascara, Nail Polish, Powder
    Scent: Perfume, Body Mist, Room Spray, Deodorant
Home|32|1.2|0|320|.15|Linen,Oak,Glass,Ceramic,Wool,Rattan
    Lighting: Table Lamp, Floor Lamp, Pendant Lamp, Fairy Lights
    Textiles: Cushion, Throw, Curtain, Rug
    Decor: Vase, Picture Frame, Wall Clock, Mirror
    Bedding: Duvet Cover, Pillow, Sheet, Blanket
    Candles: Scented Candle, Pillar Candle, Lantern, Tea Lights
Women|38|1.5|0|300|.20|Cotton,Linen,Silk,Wool,Viscose,Velvet
    Tops: Blouse, T-Shirt, Sweater, Cardigan
    Bottoms: Jeans, Skirt, Trousers, Leggings
    Dresses: Summer Dress, Wrap Dress, Evening Dress, Jumpsuit
    Coats: Trench Coat, Down Jacket, Blazer, Raincoat
    Underwear: Socks, Tights, Bra, Pyjamas
Men|36|1.1|0|300|.20|Cotton,Linen,Wool,Denim,Corduroy,Merino
    Shirts: Oxford Shirt, Polo Shirt, Flannel Shirt, Undershirt
    Trousers: Chinos, Denim Jeans, Shorts, Joggers
    Knitwear: Pullover, Hoodie, Vest, Beanie
    Jackets: Parka, Bomber Jacket, Field Jacket, Suit Jacket
    Accessories: Belt, Wallet, Tie, Scarf
Shoes|62|1.0|0|285|.20|Leather,Suede,Canvas,Cork,Nubuck,Mesh
    Sneakers: Running Shoe, Court Shoe, Slip-on, High-top
    Boots: Ankle Boot, Chelsea Boot, Hiking Boot, Rain Boot
    Sandals: Slide, Strap Sandal, Clog, Espadrille
    Dress Shoes: Loafer, Derby, Pump, Ballerina
    Care: Shoe Polish, Insole, Laces, Shoe Tree
Children|21|1.0|0|345|.50|Wooden,Cotton,Felt,Paper,Soft,Woollen
    Toys: Building Blocks, Doll, Toy Train, Puzzle
    Games: Board Game, Card Game, Marble Run, Memory Game
    Clothes: Romper, Kids Jacket, Kids Shoes, Kids Pyjamas
    Nursery: Night Light, Baby Blanket, Mobile, Bib
    Crafts: Crayons, Clay Kit, Sticker Book, Bead Set
Garden|27|0.8|0|140|.80|Terracotta,Steel,Teak,Zinc,Willow,Clay
    Plants: Fern, Succulent, Orchid, Herb Pot
    Tools: Trowel, Secateurs, Watering Can, Rake
    Pots: Planter, Hanging Pot, Window Box, Saucer
    Outdoor: Garden Chair, Parasol, Fire Bowl, Hammock
    Birds: Bird Feeder, Nest Box, Bird Bath, Bird Seed
Sports|34|0.9|0|10|.40|Nylon,Cork,Steel,Rubber,Mesh,Fleece
    Fitness: Yoga Mat, Dumbbell, Resistance Band, Kettlebell
    Cycling: Bike Light, Helmet, Bike Bell, Pannier
    Camping: Tent, Sleeping Bag, Camp Stove, Headlamp
    Swimming: Goggles, Swimsuit, Swim Cap, Towel
    Running: Running Belt, Running Cap, Foam Roller, Water Bottle
Electronics|88|1.2|0|335|.50|Aluminium,Walnut,Matt,Fabric,Glass,Bamboo
    Audio: Headphones, Earbuds, Speaker, Record Player
    Phone: Phone Case, Charger, Cable, Power Bank
    Computing: Keyboard, Mouse, Webcam, Monitor Stand
    Smart Home: Smart Plug, Smart Bulb, Thermostat, Door Sensor
    Cameras: Instant Camera, Tripod, Camera Bag, Photo Film
Books|13|0.9|0|345|.35|Illustrated,Pocket,Bound,Signed,Large-print,Annotated
    Fiction: Novel, Crime Novel, Short Stories, Fantasy Novel
    Cooking: Cookbook, Baking Book, Wine Guide, Vegan Cookbook
    Travel: Travel Guide, City Map, Travel Diary, Photo Book
    Children Books: Picture Book, Pop-up Book, Fairy Tales, Activity Book
    Hobby: Garden Book, Knitting Book, Chess Book, Art Book
Stationery|8|0.8|45|245|.35|Recycled,Linen,Kraft,Cotton,Leather,Brass
    Paper: Notebook, Sketchbook, Planner, Letter Set
    Writing: Fountain Pen, Pencil Set, Marker, Ink
    Desk: Desk Tray, Pen Holder, Desk Pad, Stapler
    Wrapping: Gift Wrap, Ribbon, Gift Bag, Greeting Card
    School: Pencil Case, School Bag, Ruler, Folder
Pets|17|0.9|28|340|.05|Cotton,Hemp,Rope,Natural,Wicker,Plush
    Dogs: Dog Food, Dog Lead, Dog Bed, Chew Toy
    Cats: Cat Food, Cat Litter, Scratching Post, Cat Toy
    Birds and Fish: Fish Food, Aquarium Light, Bird Food, Perch
    Care: Pet Brush, Pet Shampoo, Flea Comb, Pet Wipes
    Travel: Pet Carrier, Travel Bowl, Car Harness, Pet Blanket
Furniture|180|0.7|0|20|.15|Oak,Walnut,Birch,Steel,Rattan,Ash
    Seating: Armchair, Sofa, Stool, Bench
    Tables: Desk, Coffee Table, Side Table, Dining Table
    Shelves: Bookcase, Wall Shelf, Shoe Rack, Sideboard
    Sleeping: Bed Frame, Mattress, Bedside Table, Headboard
    Hall: Coat Rack, Key Box, Umbrella Stand, Door Mat
Jewellery|46|0.8|0|347|.50|Silver,Gold,Pearl,Brass,Enamel,Copper
    Necklaces: Pendant, Chain, Pearl Necklace, Choker
    Earrings: Hoops, Studs, Drop Earrings, Ear Cuffs
    Bracelets: Bangle, Charm Bracelet, Leather Bracelet, Anklet
    Rings: Signet Ring, Stacking Ring, Band, Cocktail Ring
    Watches: Wrist Watch, Field Watch, Watch Strap, Pocket Watch
"""
# A product comes in several lines if the shop is large enough to have a category for each.
LINES = ("", "Everyday", "Premium", "Travel")

BRAND_STARTS = (
    "Alder", "Birk", "Calla", "Dorn", "Elm", "Fjord", "Grove", "Harbor", "Isla", "Juni", "Kestrel", "Lind", "Marlow", "Nord",
    "Oak", "Pine", "Quill", "Rowan", "Sol", "Tarn", "Umber", "Vale", "Wren", "Yarrow", "Zephyr",
)  # fmt: skip
BRAND_ENDS = ("haven", "mark", "field", "works", "stone", "wick", "lane", "bury", "craft", "light", "moor", "ley")
ADJECTIVES = ("Compact", "Classic", "Soft", "Light", "Slim", "Sturdy", "Rustic", "Modern", "Petite", "Fine", "Bold", "Simple")
COLOURS = ("black", "white", "sage", "navy", "terracotta", "sand", "ruby", "sky blue")


class Department:
    """One department of the text above."""

    def __init__(self, block: str) -> None:
        head, *categories = block.splitlines()
        name, price, demand, again, peak, swing, materials = head.split("|")
        self.name = name
        self.price = float(price)
        self.demand = float(demand)
        self.days_again = float(again)
        self.peak_day = float(peak)
        self.swing = float(swing)
        self.materials = materials.split(",")
        parts = [category.strip().split(": ") for category in categories]
        self.things = [(category, thing) for category, things in parts for thing in things.split(", ")]


DEPARTMENTS = tuple(Department(block) for block in re.split(r"\n(?=\S)", _DEPARTMENTS.strip()))


def leaf_names(n_leaves: int) -> list[tuple[int, str, str, str]]:
    """`n_leaves` distinct (department number, category, thing, line), all departments in turn.

    >>> leaf_names(2)
    [(0, 'Cookware', 'Frying Pan', ''), (1, 'Coffee', 'Coffee Beans', '')]
    """
    n_things = len(DEPARTMENTS[0].things)
    # Seven and twenty are coprime, so small shops get products of all categories of a department.
    order = [(7 * k) % n_things for k in range(n_things)]
    names = [
        (number, *department.things[thing], line)
        for line in LINES
        for thing in order
        for number, department in enumerate(DEPARTMENTS)
    ]
    if n_leaves > len(names):
        raise ValueError(f"{n_leaves} leaf categories: the vocabulary has names for {len(names)} only")
    return names[:n_leaves]
