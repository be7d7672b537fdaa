import type { Person } from '../platform/people.ts';
import type { Platform } from '../platform/platform.ts';
import { makers } from './makers.ts';
import type { Operation } from './operations.ts';

/** The path of an operation without its version, up to and with a parameter. */
const prefixOf = (path: string, param: string): string => {
  const short = path.replace(/^\/api\/v1/, '');
  return short.slice(0, short.indexOf(`{${param}}`) + param.length + 2);
};

/** The parts of a path that nothing can be made for. */
export const unreachable = (operation: Operation): string[] =>
  operation.params.map((param) => prefixOf(operation.path, param)).filter((prefix) => !(prefix in makers));

/** Makes a real thing of the owner's for every parameter. @returns parameter values by name */
export const makeIds = async (
  operation: Operation,
  owner: Person,
  platform: Platform,
): Promise<Record<string, string>> => {
  const ids: Record<string, string> = {};
  for (const param of operation.params) {
    const prefix = prefixOf(operation.path, param);
    const maker = makers[prefix];
    if (!maker) throw new Error(`there is no maker for ${prefix}; add one to prove/api/makers.ts`);
    ids[param] = await maker(owner, platform, ids);
  }
  return ids;
};

/** The path below the host, with its parameters and query filled in. */
export const fill = (
  operation: Pick<Operation, 'path'>,
  ids: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>> = {},
): string => {
  const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(ids[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return search === '' ? path : `${path}?${search}`;
};

/** An id that nothing has, for every parameter. */
export const nowhere = (operation: Operation): Record<string, string> =>
  Object.fromEntries(operation.params.map((param) => [param, crypto.randomUUID()]));

/** Both doors of an operation: the gateway, and the service's own port. */
export const doorsOf = (operation: Operation, { gateway, urls }: Platform): { door: string; host: string }[] => {
  const own = urls[operation.service];
  return [{ door: 'gateway', host: gateway }, ...(own && own !== gateway ? [{ door: 'service', host: own }] : [])];
};
