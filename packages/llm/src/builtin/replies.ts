import type { Language } from './language.ts';

/** Everything the built-in assistant says, in one language. */
export interface Replies {
  locale: string;
  identity: string;
  greeting: string;
  thanks: string;
  cannot: string;
  abilities: { search_documents: string; create_event: string; list_events: string; get_balance: string };
  noAbilities: string;
  canDo: string;
  askWhen: string;
  found: string;
  source: string;
  page: string;
  nothingFound: string;
  nothingFits: string;
  created: (title: string, day: string, from: string, to: string) => string;
  place: string;
  guests: string;
  noEvents: string;
  events: string;
  balance: (amount: string) => string;
  held: (amount: string) => string;
  failed: (reason: string) => string;
  noReason: string;
  done: string;
}

export const REPLIES: Record<Language, Replies> = {
  pt: {
    locale: 'pt-BR',
    identity: 'Sou o assistente embutido do Atrium: sigo regras fixas, sem modelo de linguagem por trás.',
    greeting: 'Olá! Sou o assistente embutido, sem modelo de linguagem.',
    thanks: 'De nada! Se precisar de mais alguma coisa, é só dizer.',
    cannot: 'Não sei fazer isso: sou o assistente embutido e sigo regras fixas, sem modelo de linguagem.',
    abilities: {
      search_documents:
        'responder com trechos dos seus documentos, por exemplo "qual é o prazo de entrega do contrato?"',
      create_event: 'marcar um evento, por exemplo "marque uma reunião com Ana amanhã às 15h"',
      list_events: 'mostrar a agenda, por exemplo "o que tenho amanhã?"',
      get_balance: 'informar o saldo, por exemplo "qual é o meu saldo?"',
    },
    noAbilities: 'Nesta conversa nenhuma ferramenta está ligada, então só posso dizer quem sou.',
    canDo: 'O que posso fazer:',
    askWhen: 'Para que dia e hora devo marcar? Por exemplo: "amanhã às 15h".',
    found: 'Encontrei isto nos seus documentos:',
    source: 'Fontes:',
    page: 'p.',
    nothingFound: 'Não encontrei nada nos seus documentos sobre isso.',
    nothingFits: 'Procurei nos seus documentos, mas nenhum trecho responde a essa pergunta. O mais próximo está em:',
    created: (title, day, from, to) => `Pronto, marquei "${title}" para ${day}, das ${from} às ${to}.`,
    place: 'Local:',
    guests: 'Convidados:',
    noEvents: 'Não há eventos nesse período.',
    events: 'Na sua agenda:',
    balance: (amount) => `Seu saldo disponível é ${amount}.`,
    held: (amount) => `Há ${amount} reservados para respostas em andamento.`,
    failed: (reason) => `Não consegui: ${reason}`,
    noReason: 'a ferramenta respondeu com um erro. Tente de novo daqui a pouco.',
    done: 'Pronto.',
  },
  es: {
    locale: 'es-ES',
    identity: 'Soy el asistente integrado de Atrium: sigo reglas fijas, sin un modelo de lenguaje detrás.',
    greeting: '¡Hola! Soy el asistente integrado, sin modelo de lenguaje.',
    thanks: '¡De nada! Si necesita algo más, dígamelo.',
    cannot: 'No sé hacer eso: soy el asistente integrado y sigo reglas fijas, sin modelo de lenguaje.',
    abilities: {
      search_documents:
        'responder con pasajes de sus documentos, por ejemplo "¿cuál es el plazo de entrega del contrato?"',
      create_event: 'agendar un evento, por ejemplo "agenda una reunión con Ana mañana a las 3 de la tarde"',
      list_events: 'mostrar la agenda, por ejemplo "¿qué tengo mañana?"',
      get_balance: 'informar el saldo, por ejemplo "¿cuál es mi saldo?"',
    },
    noAbilities: 'En esta conversación no hay herramientas activas, así que solo puedo decir quién soy.',
    canDo: 'Lo que puedo hacer:',
    askWhen: '¿Para qué día y hora lo agendo? Por ejemplo: "mañana a las 15:00".',
    found: 'Encontré esto en sus documentos:',
    source: 'Fuentes:',
    page: 'p.',
    nothingFound: 'No encontré nada en sus documentos sobre eso.',
    nothingFits: 'Busqué en sus documentos, pero ningún pasaje responde a esa pregunta. Lo más cercano está en:',
    created: (title, day, from, to) => `Listo, agendé "${title}" para el ${day}, de ${from} a ${to}.`,
    place: 'Lugar:',
    guests: 'Invitados:',
    noEvents: 'No hay eventos en ese período.',
    events: 'En su agenda:',
    balance: (amount) => `Su saldo disponible es ${amount}.`,
    held: (amount) => `Hay ${amount} reservados para respuestas en curso.`,
    failed: (reason) => `No pude hacerlo: ${reason}`,
    noReason: 'la herramienta respondió con un error. Inténtelo de nuevo en un momento.',
    done: 'Listo.',
  },
  en: {
    locale: 'en-US',
    identity: 'I am the built-in assistant of Atrium: I follow fixed rules, with no language model behind me.',
    greeting: 'Hello! I am the built-in assistant, without a language model.',
    thanks: 'You are welcome! If you need anything else, just say so.',
    cannot: 'I cannot do that: I am the built-in assistant and follow fixed rules, without a language model.',
    abilities: {
      search_documents:
        'answer with passages of your documents, such as "what is the delivery deadline in the contract?"',
      create_event: 'schedule an event, such as "schedule a meeting with Ana tomorrow at 15:00"',
      list_events: 'show the calendar, such as "what do I have tomorrow?"',
      get_balance: 'tell the balance, such as "what is my balance?"',
    },
    noAbilities: 'No tool is switched on in this conversation, so all I can do is say who I am.',
    canDo: 'What I can do:',
    askWhen: 'On which day and at what time should I schedule it? For example: "tomorrow at 15:00".',
    found: 'I found this in your documents:',
    source: 'Sources:',
    page: 'p.',
    nothingFound: 'I found nothing in your documents about that.',
    nothingFits: 'I searched your documents, but no passage answers that question. The nearest ones are in:',
    created: (title, day, from, to) => `Done, I scheduled "${title}" for ${day}, from ${from} to ${to}.`,
    place: 'Place:',
    guests: 'Guests:',
    noEvents: 'There are no events in that period.',
    events: 'On your calendar:',
    balance: (amount) => `Your available balance is ${amount}.`,
    held: (amount) => `${amount} is set aside for answers in progress.`,
    failed: (reason) => `That did not work: ${reason}`,
    noReason: 'the tool answered with an error. Try again in a moment.',
    done: 'Done.',
  },
};

/** Who it is and what it can do with the tools it was given. */
export const describeAbilities = (replies: Replies, opening: string, tools: ReadonlySet<string>): string => {
  const abilities = Object.entries(replies.abilities).filter(([tool]) => tools.has(tool));
  if (abilities.length === 0) return `${opening} ${replies.noAbilities}`;
  return `${opening} ${replies.canDo}\n${abilities.map(([, ability]) => `- ${ability}`).join('\n')}`;
};
