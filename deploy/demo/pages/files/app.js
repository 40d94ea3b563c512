// Shows a room without loading a page, as apps do.
const room = document.getElementById("room");
const links = [...document.querySelectorAll(".rooms a")];

const show = () => {
  const link = links.find(({ pathname }) => pathname === location.pathname);
  room.textContent = link ? `You are at the ${link.textContent.toLowerCase()}.` : "Choose a room.";
  for (const each of links) each.toggleAttribute("aria-current", each === link);
};

for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.pushState(null, "", link.href);
    show();
  });
}
window.addEventListener("popstate", show);
show();
