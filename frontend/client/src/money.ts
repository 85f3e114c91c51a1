/** Prices are whole numbers of the currency's minor unit everywhere; only this module turns them into text. */

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string, language: string): Intl.NumberFormat {
  const key = `${language} ${currency}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, { style: "currency", currency });
    formats.set(key, format);
  }
  return format;
}

/** Minor units in one unit of the currency: 100 for EUR, 1 for JPY. */
export function minorPerUnit(currency: string): number {
  return 10 ** (formatOf(currency, "en").resolvedOptions().maximumFractionDigits ?? 2);
}

/** A price as a shopper reads it. */
export function price(minor: number, currency: string, language = "en"): string {
  return formatOf(currency, language).format(minor / minorPerUnit(currency));
}
