/** Why a top-up that was asked for came to nothing, in words, and what the workspace's people can do about it. */
const words = {
  no_card: ['No card is saved.', 'Save a card; the rule goes on by itself then.'],
  authentication_required: [
    'The bank wants the owner of the card to confirm the payment.',
    'Save the card again, where the bank can ask you, or another one; the rule goes on by itself then.',
  ],
  card_expired: ['The card has expired.', 'Save another card; the rule goes on by itself then.'],
  insufficient_funds: [
    'The card has not enough money.',
    'Save another card, or set the rule again when this one can pay.',
  ],
  card_declined: ['The bank declined the card.', 'Ask the bank, or save another card; then set the rule again.'],
  not_possible: [
    'A top-up of this amount cannot be paid here by now.',
    'Look at the amounts and the currency that are possible, and set the rule again.',
  ],
  payment_review: [
    'A payment arrived that differs from what was asked for.',
    'Ask whoever runs this installation to look at it, then set the rule again.',
  ],
  unanswered: ['The payment provider did not answer in time, and charged nothing.', 'It is tried again after a day.'],
  unavailable: ['Nobody takes payments here any more.', 'Ask whoever runs this installation.'],
} as const satisfies Record<string, readonly [reason: string, advice: string]>;

export type TopUpProblem = keyof typeof words;
export const topUpProblems = Object.keys(words) as [TopUpProblem, ...TopUpProblem[]];

export const describeProblem = (code: TopUpProblem): { reason: string; advice: string } => {
  const [reason, advice] = words[code];
  return { reason, advice };
};

/** Whether the rule waits until somebody did something about it; others pass by themselves. */
export const pauses = (code: TopUpProblem): boolean => code !== 'unanswered' && code !== 'unavailable';
