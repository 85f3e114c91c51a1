/** What the script tag runs. */

import { optionsOf, Tag } from "./tag.ts";

const script = document.currentScript;
if (script !== null) {
  const tag = new Tag(optionsOf(script.dataset));
  window.recommndr = tag;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => tag.start(document));
  else tag.start(document);
}
