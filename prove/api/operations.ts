import { permissions, type Permission, type Role } from '@atrium/contracts';
import { send } from '../platform/http.ts';
import { must } from '../platform/people.ts';
import type { Platform } from '../platform/platform.ts';
import { resolver, type Schema } from './schema.ts';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** An operation of the merged OpenAPI document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** As documented, with `{name}` parameters. */
  readonly path: string;
  readonly service: string;
  readonly permission: Permission | 'public';
  /** Names in the path. */
  readonly params: readonly string[];
  readonly query: Readonly<Record<string, Schema>>;
  /** Schema of a JSON body. */
  readonly body: Schema | undefined;
  /** Media type of a body that is not JSON. */
  readonly upload: string | undefined;
  readonly mutates: boolean;
  /** Whether it takes an Idempotency-Key. */
  readonly keyed: boolean;
  /** Schema of the JSON that a success answers. */
  readonly response: Schema | undefined;
  readonly successStatus: number;
}

interface Documented {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly 'x-permission': Operation['permission'];
  readonly parameters?: readonly { in: string; name: string; schema: Schema }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema }>> };
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: Schema }>> }>>;
}

/** The weakest role that may; undefined for what is public or for services. */
export const weakestRole = ({ permission }: Operation): Role | undefined => {
  if (permission === 'public') return undefined;
  const rule = permissions[permission];
  return 'role' in rule ? rule.role : undefined;
};

/** Everything the merged document of the gateway lists. @throws Error when it lists nothing */
export const readOperations = async (platform: Platform): Promise<Operation[]> => {
  const document = must(await send(`${platform.gateway}/openapi.json`), 'reading the API document');
  const paths = document['paths'] as Record<string, Record<string, Documented>>;
  const deref = resolver(document);
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): Operation[] => {
      const found = item[method];
      if (!found) return [];
      const content = found.requestBody?.content ?? {};
      const json = content['application/json'];
      const parameters = found.parameters ?? [];
      const [status = '200', success] = Object.entries(found.responses).find(([code]) => code < '300') ?? [];
      const answered = success?.content?.['application/json']?.schema;
      return [
        {
          id: found.operationId,
          method: method.toUpperCase(),
          path,
          service: found.tags[0] ?? 'gateway',
          permission: found['x-permission'],
          params: parameters.filter((one) => one.in === 'path').map(({ name }) => name),
          query: Object.fromEntries(
            parameters.filter((one) => one.in === 'query').map(({ name, schema }) => [name, deref(schema)]),
          ),
          body: json && deref(json.schema),
          upload: json ? undefined : Object.keys(content)[0],
          mutates: method !== 'get',
          keyed: parameters.some((one) => one.in === 'header' && one.name === 'idempotency-key'),
          response: answered && deref(answered),
          successStatus: Number(status),
        },
      ];
    }),
  );
  if (operations.length === 0) throw new Error('the merged document lists no operation');
  return operations;
};
