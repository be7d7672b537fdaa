import type { EntityManager } from 'typeorm';
import { PriceEntity } from './price.entity.ts';
import { namesOf, type ListedPrice } from './price.ts';

/** The price book; the same for every workspace. */
export const createPriceStore = (db: EntityManager) => ({
  /** Every row that could price a model, of any date. */
  listed: (provider: string, model: string): Promise<ListedPrice[]> =>
    db.findBy(PriceEntity, [...namesOf(provider, model)]),
});
export type PriceStore = ReturnType<typeof createPriceStore>;
