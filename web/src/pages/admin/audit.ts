import { tAdmin } from '../../i18n/admin';

/**
 * The actions that the house writes down, as it names them, by what they are about. The one list of them are the texts,
 * which `i18n/server.test.ts` holds against the sources of the house.
 */
export function actionChoices(): { value: string; label: string; group: string }[] {
  const kinds = Object.entries(tAdmin.audit.kinds);
  const actions = Object.entries(tAdmin.audit.actions);
  return kinds.flatMap(([kind, group]) =>
    actions
      .filter(([key]) => kindOf(key) === kind)
      .map(([key, label]) => ({ value: key.replace('_', '.'), label, group })),
  );
}

/** What an action is called; one that this client does not know keeps its own name. */
export function nameOf(action: string): string {
  return tAdmin.audit.actions[action.replace('.', '_')] ?? action;
}

/** `movie_drop_renditions` -> `movie`. */
function kindOf(key: string): string {
  return key.slice(0, key.indexOf('_'));
}
