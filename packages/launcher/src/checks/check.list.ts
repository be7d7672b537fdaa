import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One check: a program whose exit code is the verdict. */
export interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The part of a package.json that says what it runs. */
interface Manifest {
  readonly bin: Readonly<Record<string, string>> | string;
}

const SOURCES = ['packages', 'services', 'gateway', 'bench', 'prove'];

/** Every check, the slow ones first, so that two at a time end together. */
export const checkList = (root: string, options: { write: boolean }): Check[] => {
  const node = process.execPath;
  /** The JavaScript behind a program of a dependency, which is then run by this very Node. */
  const program = (dependency: string, bin: string): string => {
    const folder = path.join(root, 'node_modules', dependency);
    const { bin: bins } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    return path.join(folder, typeof bins === 'string' ? bins : (bins[bin] ?? bin));
  };
  const own = (file: string): string => path.join(import.meta.dirname, file);
  const sources = SOURCES.filter((dir) => existsSync(path.join(root, dir)));
  const main = path.join(root, 'prove', 'main.ts');
  const write = options.write ? ['--write'] : [];
  return [
    { name: 'lint', command: node, args: [program('eslint', 'eslint'), '.', '--max-warnings', '0'] },
    { name: 'types', command: node, args: [program('typescript', 'tsc'), '--noEmit', '-p', '.', '--pretty', 'false'] },
    {
      name: 'dependency rules',
      command: node,
      args: [program('dependency-cruiser', 'depcruise'), '--output-type', 'err', ...sources],
    },
    {
      name: 'format',
      command: node,
      args: [program('prettier', 'prettier'), options.write ? '--write' : '--check', '--log-level', 'warn', '.'],
    },
    { name: 'API contracts', command: node, args: [own('openapi.child.ts'), ...write] },
    { name: 'event contracts', command: node, args: [own('events.child.ts'), ...write] },
    { name: 'migration rules', command: node, args: [own('migrations.child.ts')] },
    {
      name: 'proofs',
      command: node,
      args: [main, 'security', '--short', '--seed', '20261121'],
    },
    {
      name: 'fault proofs',
      command: node,
      // R21 is left to the tests of billing, which run the same proof; prove/README.md says what else is left out.
      args: [main, 'faults', '--short', '--seed', '20261121', '--only', 'R3,R4,R5,R6,R15,R17,R22,R23'],
    },
    { name: 'dead code', command: node, args: [program('knip', 'knip'), '--no-progress'] },
  ];
};
