/** Texts as the platform accepts them. */

/**
 * At most `length` code points of the text. Never half of an emoji: the platform refuses text that is not Unicode, so a half that
 * was in the text already becomes the replacement character.
 */
export function cut(text: string, length: number): string {
  const whole = text.replace(/\p{Surrogate}/gu, "\ufffd");
  // A string has at least as many UTF-16 units as code points: a short one need not be taken apart.
  return whole.length <= length ? whole : Array.from(whole).slice(0, length).join("");
}
