import type { AnyProof, Finding } from './proof.ts';

/** A proof with what it found. */
export interface Outcome extends Finding {
  readonly proof: AnyProof;
  readonly seconds: number;
}

/** One line for programs. */
export const jsonLine = ({ proof, figure, pass }: Outcome, seed: number): string =>
  JSON.stringify({ test: proof.id, figure, gate: proof.gate, pass, seed });

/** A table for people; whoever failed says why below it. */
export const table = (outcomes: readonly Outcome[], seed: number): string => {
  const rows = outcomes.map(({ proof, figure, pass, seconds }) => [
    pass ? 'ok' : 'FAILED',
    proof.id,
    proof.title,
    String(figure),
    proof.gate,
    `${seconds.toFixed(1)} s`,
  ]);
  const head = ['', 'test', 'what', 'figure', 'gate', 'time'];
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const details = outcomes.map(({ proof, pass, detail }) => {
    const [first = '', ...rest] = detail.split('\n');
    return [`${proof.id}: ${first}`, ...(pass ? [] : rest.map((text) => `  - ${text}`))].join('\n');
  });
  const failed = outcomes.filter(({ pass }) => !pass).length;
  const verdict = failed > 0 ? `${failed} of ${outcomes.length} failed` : `all ${outcomes.length} held`;
  return [line(head), ...rows.map(line), '', ...details, '', `${verdict}; repeat with --seed ${seed}`].join('\n');
};
