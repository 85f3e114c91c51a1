/** Caches what pages have shown, for when the platform does not answer: viewed products and first pages of grids. */
import { type List, type Product, readArray, type Store } from "@recommndr/client";

const MAX_PRODUCTS = 120;
const MAX_PAGES = 4;

interface KeptPage {
  address: string;
  list: List;
}

export class Shelf {
  constructor(
    private readonly store: Store,
    private readonly key: string,
  ) {}

  keep(products: readonly Product[]): void {
    const ids = new Set(products.map((product) => product.item_id));
    const others = this.products().filter((product) => !ids.has(product.item_id));
    this.store.write(`${this.key}.products`, [...products, ...others].slice(0, MAX_PRODUCTS));
  }

  product(itemId: string): Product | undefined {
    return this.products().find((product) => product.item_id === itemId);
  }

  keepPage(address: string, list: List): void {
    const others = this.pages().filter((page) => page.address !== address);
    this.store.write(`${this.key}.pages`, [{ address, list }, ...others].slice(0, MAX_PAGES));
  }

  page(address: string): List | undefined {
    return this.pages().find((page) => page.address === address)?.list;
  }

  private products(): Product[] {
    return readArray(this.store, `${this.key}.products`);
  }

  private pages(): KeptPage[] {
    return readArray(this.store, `${this.key}.pages`);
  }
}
