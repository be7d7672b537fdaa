/** One event of a stream. */
export interface ServerEvent {
  /** What to come back with as `Last-Event-ID`; empty when the stream gave none. */
  readonly id: string;
  readonly type: string;
  /** As it was sent; `followEvents` reads it as JSON. */
  readonly data: string;
}

/** Reads a stream of server-sent events piece by piece, wherever the pieces are cut (WHATWG HTML §9.2.6). */
export const createSseParser = () => {
  let rest = '';
  let id = '';
  let type = '';
  let data: string[] = [];
  let retryMs: number | undefined;
  let first = true;

  const field = (line: string): void => {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
  };

  return {
    /** Milliseconds to wait before coming back, when the stream said so. */
    get retryMs() {
      return retryMs;
    },
    /** @returns the events that this piece completes */
    read(piece: string): ServerEvent[] {
      const events: ServerEvent[] = [];
      if (first && piece !== '') {
        piece = piece.replace(/^\uFEFF/, '');
        first = false;
      }
      rest += piece;
      // A carriage return at the end may be half of a line break.
      const ends = /\r\n|\n|\r(?!$)/g;
      let from = 0;
      for (let end = ends.exec(rest); end; end = ends.exec(rest)) {
        const line = rest.slice(from, end.index);
        from = ends.lastIndex;
        if (line !== '') {
          if (!line.startsWith(':')) field(line);
          continue;
        }
        if (data.length > 0) events.push({ id, type: type || 'message', data: data.join('\n') });
        type = '';
        data = [];
      }
      rest = rest.slice(from);
      return events;
    },
  };
};
