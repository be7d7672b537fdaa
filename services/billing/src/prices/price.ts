/** Price of anything that is not listed, as provider and model of its rows. */
const ANY = '*';

export const priceUnits = [
  'input',
  'cached_input',
  'output',
  'embedding',
  'page',
  'audio_minute',
  'storage_gb_month',
] as const;
export type PriceUnit = (typeof priceUnits)[number];

/** One row of the price book. */
export interface ListedPrice {
  readonly provider: string;
  readonly model: string;
  readonly unit: PriceUnit;
  /** Micro-units for a million of the unit. */
  readonly perMillion: bigint;
  readonly validFrom: Date;
  /** A price of the workspace's own: it wins over the list that all share. */
  readonly own?: boolean;
}

/** What applies to a model: micro-units for a million tokens of each unit. */
export interface Price {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly output: bigint;
  /** The row it was found under, as `provider/model`. */
  readonly listedAs: string;
}

/** Tokens of one answer. `cachedInputTokens` are part of `inputTokens`. */
export interface Tokens {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** A model's name without the date that providers append to a release: `gpt-4o-2024-08-06` → `gpt-4o`. */
export const withoutDate = (model: string): string => model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '');

/** The names a model may be listed under, closest first. */
export const namesOf = (provider: string, model: string): readonly { provider: string; model: string }[] => [
  { provider, model },
  ...(withoutDate(model) === model ? [] : [{ provider, model: withoutDate(model) }]),
  { provider, model: ANY },
  { provider: ANY, model: ANY },
];

/** The row that applies to a name and unit: one's own before the shared one, then the latest. */
const latestOf = (
  listed: readonly ListedPrice[],
  name: { readonly provider: string; readonly model: string },
  unit: PriceUnit,
  at: Date,
): bigint | undefined =>
  listed
    .filter(
      (row) => row.provider === name.provider && row.model === name.model && row.unit === unit && row.validFrom <= at,
    )
    .reduce<ListedPrice | undefined>((last, row) => {
      if (!last) return row;
      const [own, lastOwn] = [row.own === true, last.own === true];
      return own === lastOwn ? (row.validFrom > last.validFrom ? row : last) : own ? row : last;
    }, undefined)?.perMillion;

/**
 * Finds the price of a model at a moment: the closest name that is listed for input and output, each at its latest row.
 * Where cached input has no price of its own, it costs as much as input.
 * @throws Error when not even the price for everything else is listed
 */
export const choosePrice = (
  listed: readonly ListedPrice[],
  asked: { readonly provider: string; readonly model: string },
  at: Date,
): Price => {
  for (const name of namesOf(asked.provider, asked.model)) {
    const { provider, model } = name;
    const latest = (unit: PriceUnit): bigint | undefined => latestOf(listed, name, unit, at);
    const [input, output] = [latest('input'), latest('output')];
    if (input === undefined || output === undefined) continue;
    return { input, output, cachedInput: latest('cached_input') ?? input, listedAs: `${provider}/${model}` };
  }
  throw new Error(`the price book lists neither ${asked.provider}/${asked.model} nor ${ANY}/${ANY}`);
};

/**
 * Finds the price of anything else: under the closest name that lists the unit, and free where none does.
 * @returns micro-units for a million of the unit
 */
export const chooseUnitPrice = (
  listed: readonly ListedPrice[],
  asked: { readonly provider: string; readonly model: string },
  unit: PriceUnit,
  at: Date,
): { readonly perMillion: bigint; readonly listedAs: string } => {
  for (const name of namesOf(asked.provider, asked.model)) {
    const perMillion = latestOf(listed, name, unit, at);
    if (perMillion !== undefined) return { perMillion, listedAs: `${name.provider}/${name.model}` };
  }
  return { perMillion: 0n, listedAs: 'unlisted' };
};

const MILLION = 1_000_000n;

/** What tokens cost in micro-units: added up exactly, then rounded up once to a whole micro-unit. */
export const costOf = (price: Price, tokens: Tokens): bigint => {
  const input = BigInt(tokens.inputTokens);
  const cached = BigInt(Math.min(tokens.cachedInputTokens, tokens.inputTokens));
  const exact =
    (input - cached) * price.input + cached * price.cachedInput + BigInt(tokens.outputTokens) * price.output;
  return (exact + MILLION - 1n) / MILLION;
};
