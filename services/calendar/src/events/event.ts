import { invalid } from '@atrium/service-kit';

const LONGEST_MS = 366 * 86_400_000;

/** Whether a name is a zone of the IANA database; offsets such as `+02:00` are not, for they know no summer time. */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/**
 * Checks when an event happens.
 * @throws DomainError 422 `event.unknown_time_zone`, `event.ends_before_start` or `event.too_long`
 */
export const checkTimes = ({
  startsAt,
  endsAt,
  timeZone,
}: {
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
}): void => {
  const wrong = (code: string, path: string, message: string) => invalid(code, message, [{ path, code, message }]);
  if (!isTimeZone(timeZone))
    throw wrong('event.unknown_time_zone', 'body.timeZone', 'Use a zone of the IANA database, such as Europe/Lisbon.');
  const length = endsAt.getTime() - startsAt.getTime();
  if (length <= 0) throw wrong('event.ends_before_start', 'body.endsAt', 'An event must end after it starts.');
  if (length > LONGEST_MS) throw wrong('event.too_long', 'body.endsAt', 'An event lasts at most 366 days.');
};

/** @throws DomainError 422 `range.empty` when nothing can lie between the two */
export const checkRange = (from: Date | undefined, to: Date | undefined): void => {
  if (from && to && from >= to) throw invalid('range.empty', '`from` must be before `to`.');
};
