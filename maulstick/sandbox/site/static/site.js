// Lightbox and notes; without this file every picture still links to its artwork's page.

const lightboxes = [...document.querySelectorAll("dialog.lightbox")];

function open(dialog) {
  dialog.showModal();
  dialog.querySelector(".panel").scrollTop = 0;
}

function turn(dialog, step) {
  const next = lightboxes[(lightboxes.indexOf(dialog) + step + lightboxes.length) % lightboxes.length];
  if (next === dialog) return;
  dialog.close();
  open(next);
}

for (const opener of document.querySelectorAll("[data-lightbox]")) {
  opener.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(document.getElementById(opener.dataset.lightbox));
  });
}

for (const dialog of lightboxes) {
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.querySelector(".previous")?.addEventListener("click", () => turn(dialog, -1));
  dialog.querySelector(".next")?.addEventListener("click", () => turn(dialog, 1));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.matches(".stage, .large")) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(dialog, -1);
    if (event.key === "ArrowRight") turn(dialog, 1);
  });
  dialog.addEventListener("close", () => {
    document.querySelector(`[data-lightbox="${CSS.escape(dialog.id)}"]`).focus({ preventScroll: true });
  });
}

const markers = [...document.querySelectorAll(".note-marker")];
const noteOf = (marker) => document.getElementById(marker.getAttribute("aria-controls"));

function fold(marker) {
  marker.setAttribute("aria-expanded", "false");
  noteOf(marker).hidden = true;
  noteOf(marker).querySelector("audio")?.pause();
}

function unfold(marker) {
  markers.filter((other) => other !== marker).forEach(fold);
  marker.setAttribute("aria-expanded", "true");
  noteOf(marker).hidden = false;
  noteOf(marker).querySelector("audio")?.play().catch(() => {});
}

for (const marker of markers) {
  marker.addEventListener("click", () => {
    if (marker.getAttribute("aria-expanded") === "true") fold(marker);
    else unfold(marker);
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const shown = markers.find((marker) => marker.getAttribute("aria-expanded") === "true");
  if (!shown) return;
  fold(shown);
  shown.focus();
});
