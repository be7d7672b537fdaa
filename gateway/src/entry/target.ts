/** What a request asks for, in the one spelling that the gateway accepts. */
export interface Target {
  /** Path with the API version; escapes are as they came. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

const PLAIN = /^(?:\/[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*)*\/?$/;
/**
 * RFC 3986 path without empty and dot segments, and without escapes of characters that need none (their plain form is
 * the same path) or that change what a path means once decoded: slash, backslash, dot, percent, control characters.
 */
const CAREFUL =
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=:@-]|%(?!2[5def]|3\d|[46][1-9a-f]|[57][\da]|5[cf]|7[ef]|[01][\da-f])[\da-f]{2})+)*\/?$/i;
const QUERY = /^[\x21\x22\x24-\x7e]*$/;

/**
 * Splits a request target and gives unversioned API paths their version. One spelling a path: two spellings are how
 * a rule about a path is passed by.
 * @returns undefined for anything odd
 */
export const readTarget = (url: string): Target | undefined => {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark);
  if (path === '' || !(PLAIN.test(path) || CAREFUL.test(path)) || !QUERY.test(query)) return undefined;
  const unversioned = path.startsWith('/api/') && !path.startsWith('/api/v1/') && path !== '/api/v1';
  return { path: unversioned ? `/api/v1/${path.slice(5)}` : path, query };
};
