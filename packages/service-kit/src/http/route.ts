import type { Permission } from '@atrium/contracts';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Identity } from '../security/token.ts';

/** Who may call: a permission of the table, or `public` for nobody in particular. */
export type Access = Permission | 'public';

type Out<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler gets: everything was checked before. */
export interface RouteInput<Params, Query, Body, By extends Access> {
  readonly params: Out<Params>;
  readonly query: Out<Query>;
  readonly body: Out<Body>;
  /** Whose rows may be touched; absent on public routes. */
  readonly tenant: By extends 'public' ? undefined : Identity['tenant'];
  readonly identity: By extends 'public' ? undefined : Identity;
  readonly req: Request;
  readonly res: Response;
  /** Aborted when the client leaves or the service drains. */
  readonly signal: AbortSignal;
}

/** The declaration of one endpoint: permission, validation, response filter and documentation at once. */
export interface RouteSpec<
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  Result extends z.ZodType | undefined,
  By extends Access,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path below `/api/v1`, with `:name` parameters. Internal routes are below `/internal`. */
  readonly path: string;
  /** Where the route hangs; `internal` is never reachable through the gateway, `root` is outside the API version. */
  readonly surface?: 'api' | 'internal' | 'root';
  /** Stable operation name, for documentation, logs, metrics and audit. */
  readonly id: string;
  readonly summary: string;
  readonly permission: By;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Largest JSON body in bytes; 1 MiB unless told. */
  readonly bodyLimit?: number;
  /** Media type of a body that the handler reads from `req` itself, such as an upload. */
  readonly consumes?: string;
  /** What leaves; unlisted fields never do. Absent for 204 and for handlers that write the answer themselves. */
  readonly response?: Result;
  /** Media type of an answer that the handler writes to `res` itself, such as a stream of events. */
  readonly produces?: string;
  readonly status?: number;
  /** The answer shows a secret once, so it is not kept for a repeated request. */
  readonly answersSecret?: boolean;
  /**
   * In a service with an audit log, what changes something leaves a record and what reads leaves none, unless
   * `refusals` (success leaves none either) or `always`.
   */
  readonly audit?: 'refusals' | 'always';
  /** Statuses of refusals beyond the usual 401, 403, 422 and 429. */
  readonly errors?: readonly number[];
  readonly handler: (
    input: RouteInput<Params, Query, Body, By>,
  ) => Promise<Result extends z.ZodType ? z.input<Result> : void>;
}

/** A route whose types have been checked at its declaration. */
export interface Route extends Omit<
  RouteSpec<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined, undefined, Access>,
  'response' | 'handler'
> {
  readonly response?: z.ZodType | undefined;
  readonly handler: (input: RouteInput<undefined, undefined, undefined, Access>) => Promise<unknown>;
}

/** Declares an endpoint; see RouteSpec. */
export const route = <
  By extends Access,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Result extends z.ZodType | undefined = undefined,
>(
  spec: RouteSpec<Params, Query, Body, Result, By>,
): Route => spec as unknown as Route;

/** `agent-orchestrator` → `AgentOrchestrator`, for ids of operations that every service has: ids are unique over all. */
export const operationNameOf = (service: string): string =>
  service.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase());

/** The full path of a route as a service serves it. */
export const fullPath = ({ surface, path }: Pick<Route, 'surface' | 'path'>): string =>
  surface === 'root' ? path : `${surface === 'internal' ? '/internal' : '/api/v1'}${path}`;

/** POSTs that create or spend accept an Idempotency-Key; public ones have no owner to keep it for. */
export const takesIdempotencyKey = (
  spec: Pick<Route, 'method' | 'permission' | 'consumes' | 'produces' | 'answersSecret'>,
): boolean =>
  spec.method === 'post' && spec.permission !== 'public' && !spec.consumes && !spec.produces && !spec.answersSecret;
