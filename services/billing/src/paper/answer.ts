import type { ServerResponse } from 'node:http';

/** Answers with a file to keep. @param name letters, digits and dashes */
export const sendFile = (
  res: ServerResponse,
  type: 'application/pdf' | 'text/csv',
  name: string,
  body: Buffer | string,
): void => {
  res.setHeader('content-type', type === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : type);
  res.setHeader('content-disposition', `attachment; filename="${name}"`);
  res.end(body);
};
