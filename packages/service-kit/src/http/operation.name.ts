/** `agent-orchestrator` → `AgentOrchestrator`: operation ids are unique over all services. */
export const pascal = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase());
