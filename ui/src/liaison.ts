/** The page on which somebody takes an invitation to speak for a clinic: its code stands in the fragment of the address, which browsers do not send. */
const code = document.getElementById("code");
if (code instanceof HTMLInputElement && location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname); // nobody finds it in the list of pages
}
