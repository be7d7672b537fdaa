import type { SentQuery } from '../../platform/query.recorder.ts';

/** A statement in which one mention of the tenant was forgotten, or a row of one tenant written in another. */
export interface Mutant {
  readonly user: string;
  readonly kind: 'read' | 'change' | 'insert';
  readonly table: string;
  readonly text: string;
  /** Values as they were sent, a few times over. */
  readonly samples: readonly (readonly unknown[])[];
}

const PREDICATE = /(?:"?\w+"?\.)?"?workspace_id"?\s*=\s*(\$\d+)/gi;
const SAMPLES = 3;

const tableOf = (text: string): string =>
  /(?:from|update|into)\s+(?:"?\w+"?\.)?"?(\w+)"?/i.exec(text)?.[1]?.toLowerCase() ?? '';
const kindOf = (text: string): Mutant['kind'] =>
  /^\s*insert/i.test(text) ? 'insert' : /^\s*(update|delete)/i.test(text) ? 'change' : 'read';
/** What a change touched is told, so that it can be seen whose it was. */
const telling = (text: string): string =>
  kindOf(text) === 'change' && !/\breturning\b/i.test(text) ? `${text} returning *` : text;

/** One mutant for every mention of the tenant in every distinct statement. */
export const mutantsOf = (sent: readonly SentQuery[], workspaceId: string): Mutant[] => {
  const mutants = new Map<string, Mutant & { samples: unknown[][] }>();
  const add = ({ user, values }: SentQuery, kind: Mutant['kind'], original: string, text: string): void => {
    const key = `${user} ${text}`;
    const known = mutants.get(key) ?? { user, kind, table: tableOf(original), text, samples: [] };
    if (known.samples.length < SAMPLES) known.samples.push([...values]);
    mutants.set(key, known);
  };
  for (const query of sent.filter(({ values }) => values.includes(workspaceId))) {
    const { text } = query;
    const kind = kindOf(text);
    if (kind === 'insert') add(query, kind, text, text);
    for (const { index, 0: whole, 1: value = '' } of text.matchAll(PREDICATE))
      // A change sets columns in the same words as it compares them.
      if (kind !== 'change' || index > text.search(/\bwhere\b/i))
        add(
          query,
          kind === 'insert' ? 'read' : kind,
          text,
          telling(`${text.slice(0, index)}(${value}::uuid is not null)${text.slice(index + whole.length)}`),
        );
  }
  return [...mutants.values()];
};
