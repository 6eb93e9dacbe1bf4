// Asks the browser for a passkey, and sends its answer with the form.
const NONE = "This browser has no passkeys. Use another way, or a newer browser.";
const STOPPED = "Nothing was done: the browser was stopped, waited too long, or knows no passkey here. Try again.";

export function mount(form) {
  const said = form.querySelector("[data-said]");

  async function answer() {
    const kind = window.PublicKeyCredential;
    const given = JSON.parse(form.dataset.options);
    if (form.dataset.passkey === "create") {
      return navigator.credentials.create({ publicKey: kind.parseCreationOptionsFromJSON(given) });
    }
    return navigator.credentials.get({ publicKey: kind.parseRequestOptionsFromJSON(given) });
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.parentElement.hidden = true;
    try {
      form.elements.answer.value = JSON.stringify(await answer());
      form.submit();
    } catch {
      said.textContent = window.PublicKeyCredential?.parseCreationOptionsFromJSON ? STOPPED : NONE;
      said.parentElement.hidden = false;
    }
  });
  form.querySelector("button").disabled = false;
}
