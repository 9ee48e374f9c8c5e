/** One field of an object that deploy would change; its path like `spec.template.spec.containers[name=app].image`. */
export interface FieldChange {
  path: string;
  /** Absent: the field is not there now. */
  from?: unknown;
  /** Absent: the field would go. */
  to?: unknown;
  /** It may hold a secret: that it changes is said, and neither value. */
  masked?: true;
}

/** What deploy would do with one object, or one Helm release. */
export interface Change {
  /** `after`: its kind does not exist yet, so it can only be tried once something else is installed. */
  action: 'create' | 'change' | 'prune' | 'after';
  kind: string;
  namespace?: string;
  name: string;
  /** The system of todoctl that it belongs to. */
  system: string;
  reason: string;
  /** The system whose chart brings its kind. */
  after?: string;
  fields: FieldChange[];
}

/** What a plan compares with: a cluster, a former render, or nothing. */
export interface Comparison {
  changes: Change[];
  /** True where not all could be tried or seen: what is declared was compared with what is there, without defaults of the API. */
  approximate: boolean;
  /** What could not be looked at, and why, one sentence each. */
  unseen: string[];
  /** What the API server warned of. */
  warnings: string[];
}
