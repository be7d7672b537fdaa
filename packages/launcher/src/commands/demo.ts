import type { Command } from '../command.ts';

/** Walks through the product as a user would; the walk is loaded only when asked for. */
export const demo: Command = async (context, args) => {
  const walk = await import('../demo/demo.ts');
  return walk.demo(context, args);
};
