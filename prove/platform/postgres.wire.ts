/** Told of what a client asks the server to run: the statement, and the message with the values it is run with. */
export type StatementListener = (text: string, message: Buffer) => void;

const READY = 'Z'.charCodeAt(0);

/** Cuts a stream of messages at their borders: a type of one byte and a length of four, which counts itself. */
const createReader = (untyped: boolean, read: (type: string, body: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  let opening = untyped;
  return (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = opening ? 4 : 5;
      if (rest.length < head) return;
      const length = rest.readInt32BE(head - 4) + head - 4;
      if (rest.length < length) return;
      if (opening) opening = false;
      else read(String.fromCharCode(rest[0] ?? 0), rest.subarray(head, length));
      rest = rest.subarray(length);
    }
  };
};

const textAt = (body: Buffer, from: number): { text: string; next: number } => {
  const end = body.indexOf(0, from);
  return { text: body.toString('utf8', from, end), next: end + 1 };
};

/**
 * Follows what a client sends (PostgreSQL protocol 3.0, "Message Formats") without encryption: tells each statement that
 * is run, be it plain or prepared. @returns takes the bytes from client to server
 */
export const readStatements = (tell: StatementListener): ((chunk: Buffer) => void) => {
  const prepared = new Map<string, string>();
  return createReader(true, (type, body) => {
    if (type === 'Q') tell(textAt(body, 0).text, body);
    else if (type === 'P') {
      const name = textAt(body, 0);
      prepared.set(name.text, textAt(body, name.next).text);
    } else if (type === 'B') tell(prepared.get(textAt(body, textAt(body, 0).next).text) ?? '', body);
  });
};

/** Follows what a server answers. @param ready told when it is done, outside a transaction or inside one */
export const readReadiness = (ready: (outside: boolean) => void): ((chunk: Buffer) => void) =>
  createReader(false, (type, body) => {
    if (type.charCodeAt(0) === READY) ready(body[0] === 'I'.charCodeAt(0));
  });
