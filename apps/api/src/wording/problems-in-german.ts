// API room. What a visitor is told of a problem, in German.
import type { ProblemCatalogue } from './visitor-problems.js';

const AGAIN_WITH_THE_SAME_KEY =
  'Senden Sie dieselbe Anfrage mit demselben Idempotency-Key noch einmal: Sie wird nicht zweimal ausgeführt.';
const NO_ANSWER_IN_TIME = `Es kam nicht rechtzeitig eine Antwort. ${AGAIN_WITH_THE_SAME_KEY}`;
const ASK_THE_BOT = 'Fordern Sie beim Bot ein neues an.';

export const PROBLEMS_IN_GERMAN: ProblemCatalogue = {
  credits_exhausted: {
    title: 'Nicht genug Credits',
    detail: 'Für diese Anfrage sind keine Nutzungseinheiten mehr übrig.',
  },
  idempotency_mismatch: {
    title: 'Dieser Idempotency-Key wurde mit anderem Inhalt verwendet',
    detail: 'Dieser Idempotency-Key kam schon mit anderem Inhalt. Nehmen Sie für eine neue Anfrage einen neuen.',
  },
  admission_expired: {
    title: 'Die Anfrage hat zu lange gewartet',
    detail:
      'Die Anfrage wurde nicht rechtzeitig begonnen, nichts wurde verbraucht. ' +
      'Senden Sie sie mit demselben Schlüssel noch einmal.',
  },
  bot_not_found: { title: 'Diesen Bot gibt es nicht', detail: 'Für dieses Token gibt es keinen solchen Bot.' },
  bot_archived: {
    title: 'Der Bot ist archiviert',
    detail: 'Der Bot ist archiviert und nimmt keine neuen Anfragen an.',
  },
  no_credits_for_bot: {
    title: 'Keine Credits für diesen Bot',
    detail: 'Dieser Bot antwortet mit Nutzungseinheiten, die für ihn erworben wurden, und Sie haben keine dafür.',
  },
  owner_work_only: {
    title: 'Das ist den Betreibern vorbehalten',
    detail: 'Training und Tests geben nur die Betreiber des Bots in Auftrag.',
  },
  campaign_not_running: {
    title: 'Die Kampagne läuft nicht',
    detail: 'Bei diesem Bot läuft zurzeit keine Kampagne dieses Namens.',
  },
  bot_private: {
    title: 'Der Bot ist für Besucher nicht offen',
    detail: 'Dieser Bot nimmt zurzeit keine Anfragen von Besuchern an. Ihre bisherigen sind noch da.',
  },
  model_not_priced: {
    title: 'Mit diesem Modell wird nicht geantwortet',
    detail: 'Dieser Bot antwortet zurzeit nicht mit diesem Modell.',
  },
  model_not_in_plan: {
    title: 'Der Plan umfasst dieses Modell nicht',
    detail: 'Ihr Plan bei diesem Bot umfasst dieses Modell nicht; `limits.models` des Plans nennt, welche er umfasst.',
  },
  iterations_over_plan: {
    title: 'Mehr Iterationen, als der Plan umfasst',
    detail: 'Ihr Plan bei diesem Bot umfasst weniger Iterationen je Anfrage: `limit`.',
  },
  context_over_plan: {
    title: 'Mehr Text, als der Plan umfasst',
    detail: 'Das ist mehr Text, als Ihr Plan bei diesem Bot je Anfrage umfasst: `limit` Tokens.',
  },
  artefact_not_in_plan: {
    title: 'Der Plan umfasst keine gepackten Dateien',
    detail: 'Ihr Plan bei diesem Bot umfasst keine gepackten Dateien. Lassen Sie `extras.zip` weg.',
  },
  deadline_over_limit: {
    title: 'Die Frist liegt weiter voraus, als der Plan umfasst',
    detail: 'Ihr Plan bei diesem Bot umfasst keine so ferne Frist; `limit` ist jetzt die späteste.',
  },
  budget_over_limit: {
    title: 'Das Budget ist größer, als der Plan umfasst',
    detail: 'Ihr Plan bei diesem Bot umfasst ein kleineres Budget je Anfrage: `limit`.',
  },
  concurrency_limit: {
    title: 'So viele Anfragen laufen, wie der Plan umfasst',
    detail:
      'Es laufen so viele Ihrer Anfragen, wie Ihr Plan bei diesem Bot auf einmal umfasst: `limit`. ' +
      'Fragen Sie noch einmal, sobald eine beendet ist.',
  },
  deadline_passed: { title: 'Die Frist ist vorbei', detail: 'Die Frist war vorbei, als die Anfrage angesehen wurde.' },
  budget_below_minimum: {
    title: 'Das Budget liegt unter dem kleinsten Verbrauch',
    detail: '`max_credits` liegt unter dem, was eine Anfrage mindestens verbraucht.',
  },
  budget_too_small: {
    title: 'Das Budget reicht nicht für den ersten Schritt',
    detail: '`max_credits` deckt nicht, was der erste Schritt verbrauchen kann.',
  },
  job_not_found: { title: 'Diesen Job gibt es nicht', detail: 'Bei diesem Bot haben Sie keinen solchen Job.' },
  job_ended: { title: 'Der Job ist beendet', detail: 'Der Job ist beendet und ändert sich nicht mehr.' },
  quote_not_found: { title: 'Dieses Angebot gibt es nicht', detail: 'Für diesen Bot gibt es kein solches Angebot.' },
  quote_expired: { title: 'Das Angebot ist abgelaufen', detail: 'Das Angebot ist abgelaufen.' },
  quote_mismatch: {
    title: 'Angeboten wurde eine andere Anfrage',
    detail: 'Das Angebot galt für eine andere Anfrage.',
  },
  plan_not_offered: {
    title: 'Diesen Plan gibt es nicht zur Auswahl',
    detail: 'Dieser Bot bietet den Plan nicht an. Wählen Sie einen, den er anbietet.',
  },
  preview_stale: {
    title: 'Die Vorschau galt für einen anderen Zeitraum',
    detail: 'Seit der Vorschau hat ein neuer Zeitraum begonnen. Fordern Sie eine neue Vorschau an.',
  },
  change_without_effect: {
    title: 'Die Änderung würde nichts ändern',
    detail: {
      same_plan: 'Sie haben diesen Plan schon, und keine Änderung steht an.',
      nothing_pending: 'Es steht keine Änderung an, die zurückgenommen werden könnte.',
      nothing_paid: 'Es gibt keinen bezahlten Plan, der beendet werden könnte.',
      else: 'Die Änderung würde nichts ändern.',
    },
  },
  review_in_state: {
    title: 'Die Prüfung wartet nicht darauf',
    detail: 'Die Prüfung ist inzwischen an einem anderen Punkt.',
  },
  review_reopened_before: {
    title: 'Die Prüfung wurde schon einmal wieder aufgenommen',
    detail:
      'Eine Prüfung wird einmal wieder aufgenommen. Melden Sie den Thread neu, falls er wieder zu viel verbraucht.',
  },
  free_usage_exhausted: {
    title: 'Die kostenlosen Antworten dieses Bots sind aufgebraucht',
    detail: 'Die kostenlosen Antworten dieses Bots sind vorerst aufgebraucht.',
  },
  campaign_limit_reached: {
    title: 'Die Kampagne ist aufgebraucht',
    detail: 'Diese Kampagne hat alles gegeben, was sie zu geben hatte.',
  },
  visitor_limit_reached: {
    title: 'Die Grenze für einen Besucher ist erreicht',
    detail: 'Sie haben verbraucht, was der Bot einem Besucher gibt.',
  },
  ledger_busy: {
    title: 'Gerade ist zu viel zu buchen',
    detail: 'Gerade ist zu viel los. Nichts wurde verbraucht; derselbe Schlüssel ist sicher.',
  },
  malformed_request: { title: 'Die Anfrage ist kein gültiges HTTP', detail: 'Die Anfrage ist nicht lesbar.' },
  not_found: { title: 'Hier ist nichts', detail: 'Unter diesem Pfad antwortet nichts.' },
  method_not_allowed: {
    title: 'Diese Methode ist hier nicht erlaubt',
    detail: 'Dieser Pfad kennt diese Methode nicht; `allowed` nennt die, die er kennt.',
  },
  malformed_json: {
    title: 'Der Inhalt ist kein gültiges JSON',
    detail: 'Der Inhalt ist leer oder kein gültiges JSON.',
  },
  validation_failed: {
    title: 'Die Anfrage passt nicht zu ihrem Schema',
    detail: 'Einige Angaben passen nicht; `errors` nennt jede Stelle.',
  },
  unsupported_media_type: {
    title: 'Bitte application/json senden',
    detail: 'Senden Sie den Inhalt als application/json.',
  },
  body_too_large: { title: 'Der Inhalt ist zu groß', detail: 'Der Inhalt ist größer, als hier gelesen wird.' },
  idempotency_key_missing: {
    title: 'Der Header Idempotency-Key fehlt',
    detail: 'Senden Sie im Header Idempotency-Key einen eigenen Schlüssel.',
  },
  idempotency_key_invalid: {
    title: 'Der Idempotency-Key ist nicht verwendbar',
    detail: 'Ein Schlüssel hat 1 bis 255 Bytes, keine Steuerzeichen und kommt einmal vor.',
  },
  visitor_token_invalid: {
    title: 'Das Token des Besuchers ist nicht gültig',
    detail: `Das ist kein Token eines Besuchers, das wir ausgegeben haben. ${ASK_THE_BOT}`,
  },
  visitor_token_expired: {
    title: 'Das Token des Besuchers ist abgelaufen',
    detail: `Dieses Token gilt nicht mehr. ${ASK_THE_BOT}`,
  },
  visitor_deleted: {
    title: 'Der Besucher wurde gelöscht',
    detail: 'Ihre Daten wurden gelöscht. Mit einem neuen Token des Bots beginnen Sie neu.',
  },
  visitor_not_found: { title: 'Diesen Besucher gibt es nicht', detail: 'Dieser Bot hat keinen solchen Besucher.' },
  bot_busy: {
    title: 'Der Bot ist beschäftigt',
    detail: 'Dieser Bot hat so viel zu tun, wie er kann. Fragen Sie gleich noch einmal.',
  },
  over_bot_limit: {
    title: 'Die Anfrage verlangt mehr, als der Bot annimmt',
    detail: {
      model: 'Dieser Bot antwortet nicht mit diesem Modell.',
      iterations: 'Dieser Bot nimmt weniger Iterationen an.',
      context: 'Das ist mehr Text, als dieser Bot annimmt.',
      artefact: 'Dieser Bot packt keine Dateien.',
      deadline: 'Dieser Bot nimmt Anfragen mit einer näheren Frist an.',
      budget: 'Dieser Bot nimmt Anfragen mit einem kleineren Budget an.',
      else: 'Dieser Bot nimmt kleinere Anfragen an.',
    },
  },
  account_not_found: { title: 'Dieses Konto gibt es nicht', detail: 'Wer diesen Bot betrieb, ist nicht mehr da.' },
  forbidden: {
    title: 'Das ist nicht erlaubt',
    detail: 'Das steht Besuchern nicht offen; betrifft es nur einen Teil der Anfrage, so nennt ihn `field`.',
  },
  artefact_not_found: {
    title: 'Der Job hat keine Datei zum Herunterladen',
    detail: 'Dieser Job hat keine Datei zum Herunterladen.',
  },
  artefact_expired: {
    title: 'Die Datei des Jobs ist abgelaufen',
    detail: 'Die Datei wurde ihre Zeit lang aufbewahrt und ist nicht mehr da.',
  },
  file_not_found: {
    title: 'Der Job hat keine solche Datei',
    detail: 'Unter den jetzigen Dateien des Jobs ist keine dieses Namens.',
  },
  files_gone: {
    title: 'Die Dateien des Jobs sind nicht mehr da',
    detail: 'Die Dateien wurden ihre Zeit lang aufbewahrt, oder sie wurden gelöscht.',
  },
  rate_limited: {
    title: 'Zu viele Anfragen',
    detail: 'Zu viele Anfragen in kurzer Zeit. Warten Sie etwas, und fragen Sie dann noch einmal.',
  },
  admission_unknown: { title: 'Noch ist nicht bekannt, ob der Job angenommen wurde', detail: NO_ANSWER_IN_TIME },
  product_not_found: { title: 'Dieses Angebot gibt es nicht', detail: 'Es gibt kein solches Angebot.' },
  purchase_not_found: { title: 'Diesen Kauf gibt es nicht', detail: 'Sie haben keinen solchen Kauf.' },
  thread_not_found: { title: 'Diesen Thread gibt es nicht', detail: 'Es gibt keinen solchen Thread.' },
  checkout_unknown: {
    title: 'Noch ist nicht bekannt, ob die Kasse offen ist',
    detail: `Die Bestellung ist aufgegeben, ihre Kasse noch nicht offen. ${AGAIN_WITH_THE_SAME_KEY}`,
  },
  review_not_found: { title: 'Diese Prüfung gibt es nicht', detail: 'Es gibt keine solche Prüfung.' },
  review_unknown: {
    title: 'Noch ist nicht bekannt, was aus der Prüfung wurde',
    detail: 'Es kam nicht rechtzeitig eine Antwort. Senden Sie dieselbe Anfrage noch einmal: Nichts geschieht doppelt.',
  },
  subscription_not_found: { title: 'Kein Plan', detail: 'Sie haben keinen Plan bei diesem Bot.' },
  subscription_unknown: { title: 'Noch ist nicht bekannt, was aus dem Plan wurde', detail: NO_ANSWER_IN_TIME },
  service_unavailable: {
    title: 'Ein Teil des Dienstes ist nicht erreichbar',
    detail: 'Ein Teil dessen, was dafür nötig ist, antwortet nicht. Senden Sie dieselbe Anfrage später noch einmal.',
  },
  internal_error: {
    title: 'Bei uns ist etwas kaputtgegangen',
    detail: 'Die Anfrage konnte nicht bedient werden. Ihre Nummer hilft uns, den Grund zu finden.',
  },
};
