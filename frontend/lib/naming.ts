/** Turns names from tills and databases into readable ones. */

/** "MEAT-PCKGD" -> "Meat - pckgd", "HAIR CARE PRODUCTS" -> "Hair care products"; names with small letters are not changed. */
export function readable(name: string): string {
  if (/[a-z]/.test(name)) return name;
  const words = name.toLowerCase().replace(/\s+/g, " ").trim();
  const spaced = words.replace(/(\w)([/&])(\w)/g, "$1 $2 $3").replace(/(\w)-(\w)/g, "$1 - $2");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** "1 item", "3 items". */
export function items(n: number): string {
  return n === 1 ? "1 item" : `${n} items`;
}
