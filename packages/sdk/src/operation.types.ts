import type { paths } from './generated/api.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths that have a method, as the API documentation writes them: `/api/v1/documents/{id}`. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;

type PathParams<O> = O extends { parameters: { path: infer T } } ? { path: T } : { path?: never };
type QueryParams<O> = O extends { parameters: { query: infer T } }
  ? { query: T }
  : O extends { parameters: { query?: infer T } }
    ? { query?: T }
    : { query?: never };
type Content<O> = O extends { requestBody: { content: infer C } } ? C : never;
type Body<O> = [Content<O>] extends [never]
  ? { body?: never }
  : Content<O> extends { 'application/json': infer B }
    ? { body: B }
    : { body: FormData };

/** What every request may say. */
export interface RequestOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /** Of your own making, to try the same command again after a reload; one is made for each call otherwise. */
  readonly idempotencyKey?: string;
  /** Headers such as `if-match`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The parameters and body of an operation. */
export type Input<M extends Method, P extends keyof paths> = PathParams<Operation<M, P>> &
  QueryParams<Operation<M, P>> &
  Body<Operation<M, P>> &
  RequestOptions;

/** Input may be left out where nothing in it is needed. */
export type Args<M extends Method, P extends keyof paths> =
  Record<never, never> extends Input<M, P> ? [input?: Input<M, P>] : [input: Input<M, P>];

type Answers<O> = O extends { responses: infer R } ? R[keyof R] : never;

/** What an operation answers; undefined where there is no body. */
export type Result<M extends Method, P extends keyof paths> =
  Answers<Operation<M, P>> extends infer A
    ? A extends { content: { 'application/json': infer T } }
      ? T
      : A extends { content: Record<string, unknown> }
        ? Response
        : undefined
    : never;

/** The lists that go on by cursor. */
export type ListPath = {
  [P in PathOf<'get'>]: Result<'get', P> extends { data: unknown[]; page: unknown } ? P : never;
}[PathOf<'get'>];

/** One row of a list. */
export type Item<P extends ListPath> = Result<'get', P> extends { data: (infer T)[] } ? T : never;

/** The paths that take a file in a form. */
export type UploadPath = {
  [P in PathOf<'post'>]: Content<Operation<'post', P>> extends { 'multipart/form-data': unknown } ? P : never;
}[PathOf<'post'>];

/** The paths that answer with a stream of server-sent events. */
export type StreamPath = {
  [P in PathOf<'get'>]: Answers<Operation<'get', P>> extends { content: { 'text/event-stream': unknown } } ? P : never;
}[PathOf<'get'>];
