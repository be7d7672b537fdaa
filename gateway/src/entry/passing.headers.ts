import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './client.address.ts';

/** Headers for one connection (RFC 9110 §7.6.1), and those that the gateway writes itself. */
const OWN_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'forwarded',
  'via',
  'remote-user',
  'true-client-ip',
  'cf-connecting-ip',
  'traceparent',
]);
/** By these names proxies and services tell each other who somebody is or what was asked; a client has no say in it. */
const CLAIMS =
  /^x-(?:user|workspace|tenant|role|org|account|auth|remote|forwarded|real|client|cluster|original|rewrite|http-method|method|atrium|service|internal|request-id|act|envoy)/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
/** What frames the body stays, whatever `Connection` says. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'content-type']);

/** The names that `Connection` declares to be for this connection only. */
const listedIn = (connection: string | undefined): ReadonlySet<string> | undefined => {
  if (connection === undefined || /^(?:keep-alive|close)$/i.test(connection)) return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
};

/** An underscore passes for a dash at some servers, so `x_user_id` never passes at all. */
const passes = (name: string): boolean =>
  name.charCodeAt(0) === 120 ? !CLAIMS.test(name) && !name.includes('_') : !OWN_HOP.has(name) && !name.includes('_');

/**
 * The headers a service gets, as a flat list of names and values: what the client sent, without what is for this
 * connection and without every claim about who it is, and then what the gateway knows.
 * @param headers as Node has read them: lower case, each name once
 */
export const passingHeaders = (headers: IncomingHttpHeaders, caller: Caller, requestId: string): string[] => {
  const listed = listedIn(headers.connection);
  const passing: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || !passes(name) || (listed?.has(name) && !FRAMING.has(name))) continue;
    passing.push(name, typeof value === 'string' ? value : value.join(', '));
  }
  const trace = headers.traceparent;
  if (typeof trace === 'string' && TRACEPARENT.test(trace)) passing.push('traceparent', trace);
  passing.push('x-request-id', requestId, 'x-forwarded-for', caller.address, 'x-forwarded-proto', caller.proto);
  passing.push('x-forwarded-host', caller.host);
  return passing;
};

const NOT_ANSWERED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'server',
  'x-powered-by',
  'x-request-id',
]);

/** Whether a header of a service's answer is for the client. */
export const isAnswered = (name: string): boolean => !NOT_ANSWERED.has(name);
