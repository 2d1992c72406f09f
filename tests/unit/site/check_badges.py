#!/usr/bin/python3
"""Badges on standard input, a line each, with what is expected of it before a tab: "label: message". Each must
be XML that names itself three times alike and draws its texts within its boxes."""
import sys
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"


def check(expected, text):
    badge = xml.fromstring(text)
    assert badge.tag == SVG + "svg" and badge.get("height") == "20" and badge.get("role") == "img"
    title = badge.find(SVG + "title")
    assert title.text == badge.get("aria-label") == expected, (title.text, badge.get("aria-label"), expected)
    width = int(badge.get("width"))
    boxes = badge.findall(f"{SVG}g/{SVG}rect")
    assert [b.tag for b in boxes] == [SVG + "rect"] * 3
    left, right = int(boxes[0].get("width")), int(boxes[1].get("width"))
    assert left + right == width == int(boxes[2].get("width")) and int(boxes[1].get("x")) == left
    assert left % 2 == 1 and right % 2 == 1, (left, right)
    texts = badge.findall(f"{SVG}g/{SVG}text")
    assert len(texts) == 4
    label, message = texts[1].text or "", texts[3].text
    assert f"{label}: {message}" == expected
    for shadow, light, begin, end in ((texts[0], texts[1], 0, left), (texts[2], texts[3], left, width)):
        assert shadow.get("aria-hidden") == "true" and light.get("aria-hidden") is None
        assert (shadow.text, shadow.get("x"), shadow.get("textLength")) == \
            (light.text, light.get("x"), light.get("textLength"))
        assert light.get("transform") == "scale(.1)" and int(light.get("y")) == int(shadow.get("y")) - 10
        middle, length = int(light.get("x")) / 10, int(light.get("textLength")) / 10
        assert length % 2 == 1 and begin < middle - length / 2 and middle + length / 2 < end
    for element in badge.iter():
        assert element.tag.startswith(SVG)
        assert element.tag[len(SVG):] in {"svg", "title", "linearGradient", "stop", "clipPath", "rect", "g", "text"}
        assert not any(name.startswith("on") or "href" in name for name in element.keys())
    return width


def main():
    count = 0
    for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
        expected, text = line.split("\t", 1)
        check(expected, text)
        count += 1
    assert count > 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
