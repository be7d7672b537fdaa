import { decodeCursor, invalid, type Cursor } from '@atrium/service-kit';

/** Where a page ended; `at` has microseconds, as Postgres does, so that no row is shown twice or never. */
export type Place = Cursor;

const AT = /^[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z$/;

/** SQL that renders the `at` of a row. */
export const atOf = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;

/** @throws DomainError 422 `request.invalid_cursor`, also for what Postgres would not read */
export const placeOf = (cursor: string | undefined): Place | undefined => {
  const place = decodeCursor(cursor);
  if (place && (!AT.test(place.at) || Number.isNaN(Date.parse(place.at))))
    throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return place;
};
