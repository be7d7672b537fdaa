import type { OpenApiDocument } from '@atrium/service-kit';
import type { MatchRoute } from '../entry/route.match.ts';

/** The document of one service; absent when it did not answer. */
export interface Part {
  readonly service: string;
  readonly document: OpenApiDocument | undefined;
}

/** The merged document; `x-missing` names the services whose part could not be had. */
export type MergedDocument = OpenApiDocument & { 'x-missing'?: string[] };

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Group = Record<string, Record<string, unknown>>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

const pascal = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase());

const withRefs = (value: Json, renamed: ReadonlyMap<string, string>): Json => {
  if (Array.isArray(value)) return value.map((item) => withRefs(item, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string' ? (renamed.get(item) ?? item) : withRefs(item, renamed),
    ]),
  );
};

/** Component names of a document that mean something else in the documents before it, with the names they get. */
const collisions = (taken: Group, { service, document }: Part): Map<string, string> => {
  const renamed = new Map<string, string>();
  for (const [kind, components] of Object.entries(document?.components ?? {})) {
    for (const [name, component] of Object.entries(components as Record<string, unknown>)) {
      const there = taken[kind]?.[name];
      if (there !== undefined && JSON.stringify(there) !== JSON.stringify(component))
        renamed.set(`#/components/${kind}/${name}`, `#/components/${kind}/${pascal(service)}${name}`);
    }
  }
  return renamed;
};

/** Whether a path of a service is reached through the gateway. */
export const servedBy =
  (match: MatchRoute) =>
  (service: string, path: string): boolean =>
    service === 'gateway' || ['GET', 'POST'].some((method) => match(method, path)?.to === service);

/**
 * Puts the documents of the services into one. Components that differ under one name get the name of their service
 * in front; so do operation ids that come twice, since clients are generated from them.
 * @param isServed whether a path is reached through the gateway at that service
 */
export const mergeDocuments = (
  parts: readonly Part[],
  isServed: (service: string, path: string) => boolean,
): MergedDocument => {
  const paths: Group = {};
  const components: Group = {};
  const operationIds = new Set<string>();
  for (const part of parts) {
    const { service, document } = part;
    if (!document) continue;
    const renamed = collisions(components, part);
    const own = withRefs(structuredClone(document) as unknown as Json, renamed) as unknown as OpenApiDocument;
    for (const [kind, named] of Object.entries(own.components ?? {})) {
      for (const [name, component] of Object.entries(named as Record<string, unknown>)) {
        const finalName = renamed.get(`#/components/${kind}/${name}`)?.split('/').at(-1) ?? name;
        (components[kind] ??= {})[finalName] = component;
      }
    }
    for (const [path, item] of Object.entries(own.paths ?? {})) {
      if (!isServed(service, path) || paths[path]) continue;
      for (const method of METHODS) {
        const operation = item[method];
        if (!operation?.operationId) continue;
        if (operationIds.has(operation.operationId))
          operation.operationId = `${operation.operationId}${pascal(service)}`;
        operationIds.add(operation.operationId);
      }
      paths[path] = item as Record<string, unknown>;
    }
  }
  const missing = parts.filter(({ document }) => !document).map(({ service }) => service);
  return {
    openapi: '3.1.0',
    info: { title: 'Atrium', version: '1' },
    paths,
    components,
    ...(missing.length > 0 ? { 'x-missing': missing } : {}),
  };
};
