/** Cuts texts to what the platform accepts. */

/**
 * At most `length` code points of the text. It never cuts an emoji in half, because the platform refuses lone surrogates; a lone
 * surrogate that was in the text already becomes the replacement character.
 */
export function cut(text: string, length: number): string {
  const whole = text.replace(/\p{Surrogate}/gu, "\ufffd");
  // A string has at least as many UTF-16 units as code points, so a short one is returned as it is.
  return whole.length <= length ? whole : Array.from(whole).slice(0, length).join("");
}
