// The rules of CustomResourceDefinitions that their schemas cannot say (x-kubernetes-validations), written again in TypeScript.
// Each stands under its text in the CRD, so that a rule that changes is a rule that is missing here.

/** What a rule is asked of: an object of the API, of which each rule knows the fields that it reads. */
type Rule = (self: never) => boolean;

interface Typed {
  type: string;
}
interface Listener {
  name: string;
  port: number;
  protocol: string;
  hostname?: string;
  tls?: { mode?: string };
}
interface Filter extends Typed {
  requestRedirect?: { path?: Rewrite };
  urlRewrite?: { path?: Rewrite };
}
interface Rewrite extends Typed {
  replaceFullPath?: string;
  replacePrefixMatch?: string;
}
interface RouteRule {
  matches: { path?: Typed }[];
  filters?: Filter[];
  backendRefs?: { filters?: Filter[] }[];
}
interface Parent {
  group: string;
  kind: string;
  name: string;
  namespace?: string;
  sectionName?: string;
}
interface PathMatch extends Typed {
  value: string;
}

const HOST = String.raw`^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`;
const LABEL_KEY = String.raw`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$`;
const PATH = String.raw`^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$`;

/** How many of a list a condition holds for. */
const count = <T>(list: readonly T[], holds: (item: T) => boolean): number => list.filter(holds).length;
const once = <T>(list: readonly T[], holds: (item: T) => boolean): boolean => count(list, holds) === 1;
/** No two of a list are the same by a key. */
const distinct = <T>(list: readonly T[], key: (item: T) => unknown): boolean => new Set(list.map((item) => JSON.stringify(key(item)))).size === list.length;

/** Kafka, Connect, MirrorMaker 2 and users (Strimzi). */
const strimzi: Record<string, Rule> = {
  '(has(self.type) && self.type != "topology-label") || self.topologyKey != ""': ({ type, topologyKey }: { type?: string; topologyKey?: string }) =>
    // A missing field is an error of the rule itself, which refuses the object too.
    (type !== undefined && type !== 'topology-label') || (topologyKey !== undefined && topologyKey !== ''),
  'has(self.type) == false || self.type != "environment-variable" || self.envVarName != ""': ({ type, envVarName }: { type?: string; envVarName?: string }) =>
    type !== 'environment-variable' || (envVarName !== undefined && envVarName !== ''),
  "self.type != 'jmxPrometheusExporter' || has(self.valueFrom)": ({ type, valueFrom }: Typed & { valueFrom?: object }) => type !== 'jmxPrometheusExporter' || valueFrom !== undefined,
  "self.type != 'strimziMetricsReporter'": ({ type }: Typed) => type !== 'strimziMetricsReporter',
  "self.type == 'tls' || (!has(self.validityDays) && !has(self.renewalDays))": ({ type, validityDays, renewalDays }: UserAuthentication) =>
    type === 'tls' || (validityDays === undefined && renewalDays === undefined),
  "self.type != 'tls' || (has(self.renewalDays) == has(self.validityDays))": ({ type, validityDays, renewalDays }: UserAuthentication) =>
    type !== 'tls' || (renewalDays === undefined) === (validityDays === undefined),
  "self.type != 'tls' || !has(self.renewalDays) || !has(self.validityDays) || self.renewalDays < self.validityDays": ({ type, validityDays, renewalDays }: UserAuthentication) =>
    type !== 'tls' || renewalDays === undefined || validityDays === undefined || renewalDays < validityDays,
};
interface UserAuthentication extends Typed {
  validityDays?: number;
  renewalDays?: number;
}

/** Gateway (Gateway API). */
const gateway: Record<string, Rule> = {
  "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)": (listeners: Listener[]) => listeners.every(({ protocol, tls }) => !['HTTP', 'TCP', 'UDP'].includes(protocol) || !tls),
  "self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)": (listeners: Listener[]) =>
    listeners.every(({ protocol, tls }) => protocol !== 'HTTPS' || !tls || ['', 'Terminate'].includes(tls.mode ?? '')),
  "self.all(l, (l.protocol == 'TLS' ? has(l.tls) && has(l.tls.mode) && l.tls.mode != '' : true))": (listeners: Listener[]) =>
    listeners.every(({ protocol, tls }) => protocol !== 'TLS' || (tls !== undefined && tls.mode !== '')),
  "self.all(l, l.protocol in ['TCP', 'UDP']  ? (!has(l.hostname) || l.hostname == '') : true)": (listeners: Listener[]) =>
    listeners.every(({ protocol, hostname = '' }) => !['TCP', 'UDP'].includes(protocol) || hostname === ''),
  'self.all(l1, self.exists_one(l2, l1.name == l2.name))': (listeners: Listener[]) => distinct(listeners, ({ name }) => name),
  'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))': (
    listeners: Listener[],
  ) => distinct(listeners, ({ port, protocol, hostname }) => [port, protocol, hostname]),
  "self.mode == 'Terminate' ? size(self.certificateRefs) > 0 || size(self.options) > 0 : true": ({ mode, certificateRefs = [], options = {} }: { mode?: string; certificateRefs?: object[]; options?: object }) =>
    mode !== 'Terminate' || certificateRefs.length > 0 || Object.keys(options).length > 0,
  [`self.all(key, key.matches(r"""${LABEL_KEY}"""))`]: (map: object) => Object.keys(map).every((key) => new RegExp(LABEL_KEY).test(key)),
  'self.all(key, key.split("/")[0].size() < 253)': (map: object) => Object.keys(map).every((key) => (key.split('/')[0] ?? '').length < 253),
};

const REWRITES = ['replaceFullPath', 'replacePrefixMatch'] as const;
const FILTERS = { requestHeaderModifier: 'RequestHeaderModifier', responseHeaderModifier: 'ResponseHeaderModifier', requestMirror: 'RequestMirror', requestRedirect: 'RequestRedirect', urlRewrite: 'URLRewrite', extensionRef: 'ExtensionRef', cors: 'CORS' };

/** A rewrite of a prefix needs exactly one match, and that of a prefix. */
const prefixOnly = ({ matches }: RouteRule): boolean => matches.length === 1 && matches[0]?.path?.type === 'PathPrefix';
const replacesPrefix = (rewrite: Rewrite | undefined): boolean => rewrite?.type === 'ReplacePrefixMatch' && rewrite.replacePrefixMatch !== undefined;
const rewriteRule = (what: 'requestRedirect' | 'urlRewrite', where: 'rule' | 'backend'): [string, Rule] => {
  const one = `f, has(f.${what}) && has(f.${what}.path) && f.${what}.path.type == 'ReplacePrefixMatch' && has(f.${what}.path.replacePrefixMatch)`;
  const found = where === 'rule' ? `self.filters.exists_one(${one})` : `self.backendRefs.exists_one(b, (has(b.filters) && b.filters.exists_one(${one})) )`;
  const list = where === 'rule' ? 'filters' : 'backendRefs';
  const replacing = (filters: readonly Filter[] = []): boolean => once(filters, (filter) => replacesPrefix(filter[what]?.path));
  return [
    `(has(self.${list}) && ${found}) ? ((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true) : true`,
    (rule: RouteRule) => !(where === 'rule' ? replacing(rule.filters) : once(rule.backendRefs ?? [], ({ filters }) => replacing(filters))) || prefixOnly(rule),
  ];
};
const pathRule = (condition: string, holds: (path: string) => boolean): [string, Rule] => [
  `(self.type in ['Exact','PathPrefix']) ? ${condition} : true`,
  ({ type, value }: PathMatch) => !['Exact', 'PathPrefix'].includes(type) || holds(value),
];
const sameParent = (a: Parent, b: Parent): boolean => a.group === b.group && a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
const inNamespace = "(((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ ))";
const sameKind = `p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && ${inNamespace}`;

/** HTTPRoute (Gateway API). */
const httpRoute: Record<string, Rule> = {
  [`self.all(p1, self.all(p2, ${sameKind} ? ((!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '')) : true))`]: (parents: Parent[]) =>
    parents.every((one) => parents.every((two) => !sameParent(one, two) || !one.sectionName === !two.sectionName)),
  [`self.all(p1, self.exists_one(p2, ${sameKind} && (((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == '')) || (has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName))))`]:
    (parents: Parent[]) => parents.every((one) => once(parents, (two) => sameParent(one, two) && (one.sectionName ?? '') === (two.sectionName ?? ''))),
  [`${Array.from({ length: 16 }, (_, index) => `(self.size() > ${index} ? self[${index}].matches.size() : 0)`).join(' + ')} <= 128`]: (rules: RouteRule[]) =>
    rules.slice(0, 16).reduce((sum, { matches }) => sum + matches.length, 0) <= 128,
  '(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))): true': ({ backendRefs = [], filters = [] }: RouteRule) =>
    backendRefs.length === 0 || filters.every(({ requestRedirect }) => !requestRedirect),
  ...Object.fromEntries((['rule', 'backend'] as const).flatMap((where) => (['requestRedirect', 'urlRewrite'] as const).map((what) => rewriteRule(what, where)))),
  "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true": ({ group, kind, port }: { group?: string; kind?: string; port?: number }) => group !== '' || kind !== 'Service' || port !== undefined,
  "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))": (filters: Filter[]) => !['RequestRedirect', 'URLRewrite'].every((type) => filters.some((filter) => filter.type === type)),
  ...Object.fromEntries(
    ['CORS', 'RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite'].map((type): [string, Rule] => [
      `self.filter(f, f.type == '${type}').size() <= 1`,
      (filters: Filter[]) => count(filters, (filter) => filter.type === type) <= 1,
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(FILTERS).flatMap(([field, type]): [string, Rule][] => [
      [`!(has(self.${field}) && self.type != '${type}')`, (self: Typed) => !(field in self) || self.type === type],
      [`!(!has(self.${field}) && self.type == '${type}')`, (self: Typed) => field in self || self.type !== type],
    ]),
  ),
  "!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && duration(self.backendRequest) > duration(self.request))":
    // No route of ours has both; which of two durations is longer is nobody's question then.
    ({ request, backendRequest }: { request?: string; backendRequest?: string }) => request === undefined || backendRequest === undefined,
  "!('*' in self && self.size() > 1)": (names: string[]) => !names.includes('*') || names.length === 1,
  '!(has(self.percent) && has(self.fraction))': ({ percent, fraction }: { percent?: number; fraction?: object }) => percent === undefined || fraction === undefined,
  'self.numerator <= self.denominator': ({ numerator, denominator }: { numerator: number; denominator: number }) => numerator <= denominator,
  ...Object.fromEntries(
    REWRITES.flatMap((field): [string, Rule][] => {
      const type = field === 'replaceFullPath' ? 'ReplaceFullPath' : 'ReplacePrefixMatch';
      return [
        [`self.type == '${type}' ? has(self.${field}) : true`, (self: Rewrite) => self.type !== type || self[field] !== undefined],
        [`has(self.${field}) ? self.type == '${type}' : true`, (self: Rewrite) => self[field] === undefined || self.type === type],
      ];
    }),
  ),
  ...Object.fromEntries([
    pathRule("self.value.startsWith('/')", (path) => path.startsWith('/')),
    ...['//', '/./', '/../', '%2f', '%2F', '#'].map((part) => pathRule(`!self.value.contains('${part}')`, (path) => !path.includes(part))),
    ...['/..', '/.'].map((end) => pathRule(`!self.value.endsWith('${end}')`, (path) => !path.endsWith(end))),
    pathRule(`self.value.matches(r"""${PATH}""")`, (path) => new RegExp(PATH).test(path)),
  ]),
  "self.type in ['Exact','PathPrefix'] || self.type == 'RegularExpression'": ({ type }: Typed) => ['Exact', 'PathPrefix', 'RegularExpression'].includes(type),
};

/** ScaledObject (KEDA). */
const keda: Record<string, Rule> = {
  '!has(self.minReplicaCount) || self.minReplicaCount <= (has(self.maxReplicaCount) ? self.maxReplicaCount : 100)': ({ minReplicaCount = 0, maxReplicaCount = 100 }: { minReplicaCount?: number; maxReplicaCount?: number }) =>
    minReplicaCount <= maxReplicaCount,
};

export const CEL_RULES: Readonly<Record<string, Rule>> = { ...strimzi, ...gateway, ...httpRoute, ...keda };

/** Rules that nothing we render can break, each with why. An object that reaches one is refused all the same. */
export const RULES_NOT_MET: Readonly<Record<string, string>> = {
  'self == oldSelf': 'holds of a change, and of GatewayClass, which the provider brings',
  '(has(self.tpp) ? 1 : 0) + (has(self.cloud) ? 1 : 0) + (has(self.ngts) ? 1 : 0) == 1': 'of issuers by Venafi',
  '!has(self.externalId) || has(self.roleArn)': 'of Amazon’s notifications',
  "self.all(a1, a1.type == 'IPAddress' && has(a1.value) ? self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value) : true )": 'of a Gateway that asks for addresses',
  "self.all(a1, a1.type == 'Hostname'  && has(a1.value) ? self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value) : true )": 'of a Gateway that asks for addresses',
  [`self.type == 'Hostname' ? (!has(self.value) || self.value.matches(r"""${HOST}""")): true`]: 'of a Gateway that asks for addresses',
  [`self.type == 'Hostname' ? self.value.matches(r"""${HOST}"""): true`]: 'of a status',
  'self.all(t1, self.exists_one(t2, t1.port == t2.port))': 'of a Gateway that checks certificates of clients',
};
