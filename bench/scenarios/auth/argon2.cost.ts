/** The cost at which every side hashes, which is the product's: KiB, passes, lanes. */
export const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const ARGON2ID_NAME = 'argon2id (m = 19 456 KiB, t = 2, p = 1)';
