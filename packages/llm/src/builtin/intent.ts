import { fold, topicWords } from './terms.ts';

/** What a person wants, as far as fixed rules can tell. */
export type Intent =
  'create_event' | 'list_events' | 'get_balance' | 'search_documents' | 'identity' | 'greeting' | 'thanks' | 'help';

const MEETING =
  '(?:reunia?o|reunion(?:es)?|reunioes|compromissos?|eventos?|citas?|encontros?|chamadas?|llamadas?|meetings?|events?|appointments?|calls?)';
const CALENDAR = '(?:agenda|calendario|calendar|schedule)';

// Tried in this order: a question about the calendar also contains the words of an order to fill it.
const RULES: readonly (readonly [Intent, RegExp])[] = [
  [
    'identity',
    /\b(?:quem (?:e|es) voce|o que voce (?:e|faz|sabe fazer|pode fazer)|voce e (?:um|uma|o|a) (?:ia|robo|humano|modelo|chatgpt|gpt|claude)|quien eres|que (?:eres|puedes hacer|sabes hacer|haces)|eres (?:un|una) (?:ia|robot|humano|modelo)|who are you|what are you|what can you do|are you (?:a|an) (?:ai|robot|human|bot|model|person)|are you (?:chatgpt|gpt|claude)|(?:que|qual|which|what|cual) modelo?\b.{0,12}\b(?:voce|usa|eres|are|you))/,
  ],
  [
    'get_balance',
    /\b(?:meus?|minhas?|mis?|my|our|nosso|nossos|nuestro|tenho|tengo|temos|tenemos|have|left|resta|restam|queda|quedan|sobrou)\b.*\b(?:saldo|creditos?|credits?|balance)\b|\b(?:saldo|creditos?|credits?|balance)\b.*\b(?:tenho|tengo|temos|have|left|resta|restam|queda|quedan|sobrou)\b|^\W*(?:(?:qual|cual|what|quanto|ver|show|mostra|mostrar)\s+)?(?:(?:e|es|is|o|el|the|me)\s+){0,3}(?:saldo|creditos|credits|balance)\W*$/,
  ],
  [
    'list_events',
    new RegExp(
      `\\b(?:o que|que|quais|qual|cuales|cual|what|which|when|quando|cuando|mostre|mostrar|muestra|muestrame|mostra|liste|lista|listar|list|show|ver|veja|do i have|tenho|tengo|hay|tem)\\b.*\\b(?:${CALENDAR}|${MEETING})\\b|` +
        '\\b(?:o que (?:eu )?tenho|que tengo|tenho algo|tengo algo|what do i have|do i have anything)\\b|\\b(?:minha agenda|mi agenda|my (?:calendar|schedule|agenda))\\b',
    ),
  ],
  [
    'create_event',
    new RegExp(
      `\\b(?:marca|marque|marcar|agenda|agende|agendar|agendame|crie|cria|criar|crea|cree|crear|programa|programe|programar|coloque|coloca|ponha|pon|anota|anote|schedule|book|create|add|set up|arrange|plan|put|remarque)(?:\\s+(?:me|para mim|para mi))?\\s+(?:(?!\\b(?:quando|when|cuando)\\b).)*?(?:${MEETING}|${CALENDAR}|almoco|cafe|entrevista|lunch|coffee|interview|almuerzo|consulta|visita|demo|treinamento|lembrete|reminder|recordatorio|\\bcom\\b|\\bcon\\b|\\bwith\\b|\\d)`,
    ),
  ],
  [
    'greeting',
    /^\W*(?:ola|oi|opa|e ai|bom dia|boa tarde|boa noite|hola|buenas?|buenos dias|buenas tardes|hello|hi|hey|good (?:morning|afternoon|evening))(?:\W+(?:tudo bem|tudo bom|que tal|there|how are you|como vai))?\W*$/,
  ],
  ['thanks', /^\W*(?:muito )?(?:obrigad[oa]|valeu|gracias|muchas gracias|thanks|thank you)(?:\s+\w+){0,3}\W*$/],
  ['help', /^\W*(?:ajuda|ayuda|help|socorro|menu|comandos|commands)\W*$/],
];

/** The intent of a message; anything that names a topic is a search. */
export const detectIntent = (message: string): Intent => {
  const folded = fold(message).replace(/\s+/g, ' ');
  const rule = RULES.find(([, pattern]) => pattern.test(folded));
  if (rule) return rule[0];
  return topicWords(message).length > 0 ? 'search_documents' : 'help';
};
