/** Words in a name that a secret value goes by; `secretName` and `tokenFile` say where one is, not what it is. */
const SECRET_NAME = /(?:passw(?:or)?d|passphrase|secret|token|credentials?|api[-_]?key|private[-_]?key|access[-_]?key|connection[-_]?string|dsn|sasl\.jaas\.config)$/i;
/** What gives a secret away wherever it stands: a URL with a password, a PEM key, tokens of known makers, a line `password: …`. */
const SECRET_TEXT =
  /:\/\/[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:do[pro]_v1_|gh[pousr]_|github_pat_|xox[abprs]-|AKIA|sk_live_)\w{8,}|\beyJ[\w-]{10,}\.[\w-]{10,}|^\s*["']?[\w.-]*(?:passw(?:or)?d|secret|token|api[-_]?key)["']?\s*[:=]\s*\S/im;

/** Where kubectl keeps the whole of what it applied last, data of Secrets too. */
const LAST_APPLIED = 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]';

type Fields = Readonly<Record<string, unknown>>;

/** True where the value at `path` of an object must not be shown. Rather one too many: a masked change is still told. */
export function isSecret(object: Fields, path: string, value: unknown): boolean {
  if (path === LAST_APPLIED) return true;
  if (object['kind'] === 'Secret' && /^(?:data|stringData)(?:[.[]|$)/.test(path)) return true;
  const last = /(?:^|\.)([^.[\]]+)$|\["([^"]+)"\]$/.exec(path);
  const key = last?.[1] ?? last?.[2] ?? '';
  if (isPlain(value) && SECRET_NAME.test(key)) return true;
  // `env: [{name: DB_PASSWORD, value: …}]`, and Dapr's metadata: the name stands beside the value.
  const beside = /\[name=([^\]]+)\]\.value$/.exec(path)?.[1];
  if (beside !== undefined && SECRET_NAME.test(beside)) return true;
  return holdsSecret(value);
}

/** True where a variable goes that we do not declare: whoever added it by hand may have put anything into it, under any name. */
export function holdsVariable(path: string, value: unknown): boolean {
  if (VARIABLES_PATH.test(path)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, child]) => (VARIABLES.test(key) && typeof child === 'object') || holdsVariable('', child));
}

/** Where containers have their variables, and where charts take them. */
const VARIABLES = /^(?:extra)?env(?:vars?)?$/i;
const VARIABLES_PATH = /(?:^|\.)(?:extra)?env(?:vars?)?(?:\[[^\]]+\]|\.[^.]+)?(?:\.value)?$/i;

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** An element that is added or goes is shown as a whole: a secret anywhere in it hides it. */
function holdsSecret(value: unknown): boolean {
  if (typeof value === 'string') return SECRET_TEXT.test(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsSecret);
  const { name, value: inner } = value as Fields;
  if (typeof name === 'string' && SECRET_NAME.test(name) && isPlain(inner)) return true;
  return Object.entries(value).some(([key, child]) => (isPlain(child) && SECRET_NAME.test(key)) || holdsSecret(child));
}
