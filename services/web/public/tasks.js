// What the page knows of the tasks: the newest version of each that it heard of, from whichever side it came.

/** A store of tasks by id. `put` and `remove` say whether they told anything new. */
export function createTasks() {
  const tasks = new Map();
  // A deleted task must not come back by a message that was slower.
  const gone = new Set();
  return {
    put(task) {
      const known = tasks.get(task.id);
      if (gone.has(task.id) || (known && known.version >= task.version)) return false;
      tasks.set(task.id, task);
      return true;
    },
    remove(id) {
      if (gone.has(id)) return false;
      gone.add(id);
      tasks.delete(id);
      return true;
    },
    /** Open tasks as they are due, those without a date last, the newest of those first. */
    open: () => [...tasks.values()].filter((task) => !task.completed).sort(byDue),
    /** Completed tasks, the last completed first. */
    done: () => [...tasks.values()].filter((task) => task.completed).sort((a, b) => compare(b.updated_at, a.updated_at)),
  };
}

/** When a task is due, to be sorted and shown by: its own local time, or the instant in this page's zone. */
export function dueTime(task) {
  if (!task.due) return undefined;
  const isInstant = /(?:Z|[+-]\d\d:\d\d)$/.test(task.due.at);
  return { time: new Date(task.due.at), elsewhere: !isInstant && task.due.zone !== ownZone() };
}

/** This page's time zone. */
export function ownZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function byDue(a, b) {
  if (a.due && b.due) return dueTime(a).time - dueTime(b).time || compare(a.id, b.id);
  if (a.due || b.due) return a.due ? -1 : 1;
  return compare(b.created_at, a.created_at) || compare(a.id, b.id);
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
