import path from 'node:path';
import type { Command } from '../command.ts';
import { runChild } from '../process/run.child.ts';
import { listenForStop } from '../terminal/signals.ts';

/** Runs a suite of proofs with the same arguments. */
export const prove: Command = async ({ config }, args) => {
  const requests = listenForStop(config);
  const program = path.join(config.root, 'prove', 'main.ts');
  return runChild(process.execPath, [program, ...args], { cwd: config.root, env: config.env, signal: requests.signal });
};
