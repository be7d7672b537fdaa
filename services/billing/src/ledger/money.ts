/** The one currency of the books. Amounts are whole micro-units: 1 USD = 1 000 000. */
export const CURRENCY = 'USD';

/** The largest amount that JSON carries exactly. */
export const LARGEST_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/** An amount as JSON carries it. @throws RangeError when it would lose its last digits */
export const toWire = (amount: bigint): number => {
  if (amount > LARGEST_AMOUNT || amount < -LARGEST_AMOUNT)
    throw new RangeError(`${amount} micro-units do not fit a JSON number exactly`);
  return Number(amount);
};

export const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** An amount of zero or more for people: `0.000024 USD`, `5.00 USD`. */
export const inWords = (amount: bigint): string => {
  const micros = (amount % 1_000_000n)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${amount / 1_000_000n}.${micros} ${CURRENCY}`;
};
