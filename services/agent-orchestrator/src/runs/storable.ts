const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '');

/** Takes out of every text what Postgres cannot store: NUL, and halves of surrogate pairs. Models write anything. */
export const storable = <Value>(value: Value): Value => {
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return clean(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [clean(name), walk(inner)]));
  };
  return walk(value) as Value;
};
