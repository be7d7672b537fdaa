export { AtriumError, isAtriumError, type FieldError, type Problem } from './atrium.error.ts';
export { createAtrium, type Atrium, type AtriumOptions } from './client.ts';
export {
  followEvents,
  followRun,
  type EventStream,
  type RunStream,
  type StreamEvent,
  type StreamOptions,
} from './event.stream.ts';
export type { components, paths } from './generated/api.ts';
export {
  openLive,
  type Live,
  type LiveEvent,
  type LiveOptions,
  type LiveState,
  type SocketLike,
} from './live.socket.ts';
export type {
  Args,
  Input,
  Item,
  ListPath,
  PathOf,
  RequestOptions,
  Result,
  StreamPath,
  UploadPath,
} from './operation.types.ts';
export { pages, type PagesInput } from './pages.ts';
export type { RetryRules } from './retry.ts';
export type { RefreshMode, Session, SessionState, Tokens } from './session.ts';
export { upload, type UploadOptions, type UploadProgress } from './upload.ts';
