// Nothing on a page needs this. It makes three things easier: walking a strip by keys,
// reading times as those of this place, and finding the search.
"use strict";

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const AGES = [["day", 864e5], ["hour", 36e5], ["minute", 6e4]];

function age(ms) {
	const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
	for (const [unit, size] of AGES)
		if (ms >= size)
			return words.format(-Math.floor(ms / size), unit);
	return "just now";
}

// A moment is told as it is here when the pointer rests on it; a day stays a day.
for (const time of document.querySelectorAll("time")) {
	const text = time.dateTime || time.textContent;
	const at = Date.parse(text.replace(" ", "T"));
	if (Number.isNaN(at))
		continue;
	const ago = age(Date.now() - at);
	time.title = text.length > 10 ? LOCAL.format(at) + " here, " + ago : ago;
}

// One button of a strip is on the way of the tab key; the others are reached from it.
const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -90, End: 90 };

for (const strip of document.querySelectorAll(".days")) {
	const shown = () => [...strip.children].filter((day) => day.offsetWidth > 0);
	const go = (day) => {
		strip.querySelector('[tabindex="0"], :not([tabindex])').tabIndex = -1;
		day.tabIndex = 0;
		day.focus();
	};
	strip.addEventListener("keydown", (event) => {
		const step = STEPS[event.key];
		if (step === undefined || event.altKey || event.ctrlKey || event.metaKey)
			return;
		const days = shown();
		const to = days.indexOf(event.target) + step;
		go(days[Math.max(0, Math.min(days.length - 1, to))]);
		event.preventDefault();
	});
	strip.addEventListener("click", (event) => {
		if (event.target !== strip)
			go(event.target);
	});
}

document.addEventListener("keydown", (event) => {
	const search = document.getElementById("q");
	if (event.key !== "/" || search === null || event.altKey || event.ctrlKey || event.metaKey)
		return;
	if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName))
		return;
	search.focus();
	search.select();
	event.preventDefault();
});
