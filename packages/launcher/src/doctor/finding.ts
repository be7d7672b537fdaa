/** One line of the doctor's report. */
export interface Finding {
  readonly topic: string;
  readonly state: 'ok' | 'note' | 'problem';
  readonly text: string;
  /** What to do about a problem. */
  readonly advice?: string;
}

export const ok = (topic: string, text: string): Finding => ({ topic, state: 'ok', text });
export const note = (topic: string, text: string): Finding => ({ topic, state: 'note', text });
export const problem = (topic: string, text: string, advice: string): Finding => ({
  topic,
  state: 'problem',
  text,
  advice,
});
