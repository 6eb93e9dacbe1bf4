// A file dropped anywhere on the page lands in the file entry of this form and is sent.
export function mount(form) {
  const entry = form.querySelector("input[type=file]");

  addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) {
      event.preventDefault();
      form.classList.add("over");
    }
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) {
      form.classList.remove("over");
    }
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) {
      return;
    }
    event.preventDefault();
    form.classList.remove("over");
    entry.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
