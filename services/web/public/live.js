// The WebSocket, for as long as the page is open: it comes back by itself and resumes where it was.

const REST_MS = [300, 600, 1200, 2500, 5000, 10_000];
// The server pings every 20 seconds; a connection that is silent for longer is dead, though nobody said so.
const SILENCE_MS = 45_000;

/**
 * Follows the changes after `position`. `address(position)` gives the socket's address. Tells `onChange(change)`, in the order
 * of coming, and `onState('connecting' | 'live' | 'refused')`. Returns a function that ends it.
 */
export function follow({ position, address, onChange, onState }) {
  let safe = position;
  let failures = 0;
  let socket;
  let timer;
  let watch;
  let ended = false;

  function connect() {
    onState('connecting');
    socket = new WebSocket(address(safe));
    stillAlive();
    socket.onmessage = ({ data }) => {
      stillAlive();
      const message = JSON.parse(data);
      // These positions are safe to resume from; that of a change is not, for one before it may still come.
      if (message.type === 'hello' || message.type === 'ping') safe = message.position;
      if (message.type === 'hello') {
        failures = 0;
        onState('live');
      }
      if (message.type === 'change') onChange(message);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(watch);
      if (ended) return;
      if (code === 1008) return onState('refused');
      onState('connecting');
      const rest = REST_MS[Math.min(failures, REST_MS.length - 1)];
      failures += 1;
      // Not all at the same moment when a replica goes.
      timer = setTimeout(connect, rest * (0.5 + Math.random() / 2));
    };
  }
  function stillAlive() {
    clearTimeout(watch);
    watch = setTimeout(() => socket.close(), SILENCE_MS);
  }
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    clearTimeout(watch);
    socket.close();
  };
}
