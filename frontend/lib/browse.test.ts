import type { List } from "@recommndr/client";
import { describe, expect, test } from "vitest";
import { list, product } from "../client/src/making.test-data";
import { browse, type Catalogue } from "./browse";
import type { Filters } from "./filters";

/** Items i0 … i9 in that order, of which the best-sellers are i7 and i3. */
class SmallCatalogue implements Catalogue {
  readonly asked: string[] = [];

  async popular(_k: number, category: string[] = ["all"]) {
    this.asked.push(`popular ${category.join(" > ")}`);
    return list(["i7", "i3"]);
  }

  async search(_filters: Filters, limit: number, cursor?: string) {
    this.asked.push(`items from ${cursor ?? "0"}`);
    const start = Number(cursor ?? 0);
    const products = Array.from({ length: Math.min(limit, 10 - start) }, (_, n) => product(`i${start + n}`));
    const next = start + limit < 10 ? String(start + limit) : null;
    return { products, next };
  }
}

async function all(catalogue: Catalogue, filters: Filters, above?: Promise<ReadonlySet<string>>) {
  const read = browse(catalogue, filters, above, 4);
  const pages: List[] = [];
  for (let next = await read.next(); next.value; next = await read.next()) pages.push(next.value);
  return pages.map((page) => page.places.map((each) => each.product.item_id));
}

describe("browsing", () => {
  test("shows best-sellers first, then everything else, nothing twice", async () => {
    const pages = await all(new SmallCatalogue(), {});
    expect(pages[0]).toEqual(["i7", "i3"]);
    expect(pages.flat().toSorted()).toEqual(["i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"]);
  });

  test("does not begin with the items above the grid, and does not lose them either", async () => {
    const pages = await all(new SmallCatalogue(), {}, Promise.resolve(new Set(["i7", "i1"])));
    expect(pages[0]).toEqual(["i3"]);
    expect(pages.flat().toSorted()).toEqual(["i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"]);
  });

  test("requests a page only when it is needed", async () => {
    const catalogue = new SmallCatalogue();
    const pages = browse(catalogue, { category: ["Garden", "Plants"] }, undefined, 4);
    await pages.next();
    expect(catalogue.asked).toEqual(["popular Garden > Plants"]);
  });

  test("a search keeps its own order", async () => {
    const catalogue = new SmallCatalogue();
    expect((await all(catalogue, { q: "item" }))[0]).toEqual(["i0", "i1", "i2", "i3"]);
    expect(catalogue.asked).toEqual(["items from 0", "items from 4", "items from 8"]);
  });

  test("gives each page its own id, so that each counts as shown once", async () => {
    const read = browse(new SmallCatalogue(), { q: "item" }, undefined, 4);
    const pages = [await read.next(), await read.next(), await read.next()];
    expect(new Set(pages.map(({ value }) => value?.id)).size).toBe(3);
    expect(pages.map(({ done }) => done)).toEqual([false, false, true]);
  });

  test("ends with its first page if there is no other", async () => {
    const read = browse(new SmallCatalogue(), { q: "item" }, undefined, 10);
    expect(await read.next()).toMatchObject({ done: true, value: { places: { length: 10 } } });
  });
});
