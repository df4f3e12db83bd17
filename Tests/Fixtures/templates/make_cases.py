"""Makes cases.json: small templates, inputs, and what Python's jinja2 3.1 makes of them in the environment that Hugging Face uses.

    pip install jinja2==3.1.6 && python make_cases.py > cases.json

A case is {"template", "input", "expected"} or, where jinja2 fails, {"template", "input", "error"}: the kind of the exception.
"""
import json
from datetime import datetime

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_support"), [], [], body).set_lineno(line)

    @jinja2.pass_eval_context
    def _support(self, context, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda format: datetime(2026, 7, 26, 12, 0, 0).strftime(format)
    return env


INPUT = {
    "messages": [
        {"role": "system", "content": " Be brief.\n"},
        {"role": "user", "content": "Hi <b>there</b> & \"you\", it's é🦙"},
        {"role": "assistant", "content": "", "tool_calls": [
            {"id": "c1", "function": {"name": "add", "arguments": {"a": 1, "b": 2.5, "deep": {"x": [None, True]}}}}]},
        {"role": "tool", "content": "3.5"},
    ],
    "tools": [{"type": "function", "function": {"name": "add", "parameters": {
        "type": "object", "properties": {"b": {"type": "integer"}, "A": {"type": ["string", "null"]}}, "items": 3}}}],
    "add_generation_prompt": True,
    "text": "one two  three\tfour\nfive ", "word": "wOrd", "empty": "", "number": 7, "negative": -7, "real": 2.5,
    "yes": True, "no": False, "nothing": None, "list": [3, 1, 2], "names": ["b", "A", "c", "a"], "nested": [[1, 2], [3, 4]],
    "dict": {"b": 1, "a": 2, "C": 3, "items": 4}, "people": [
        {"name": "Zoe", "age": 30, "address": {"city": "Ulm"}}, {"name": "adam", "age": 25, "address": {"city": "Bonn"}},
        {"name": "Eve", "age": 30, "address": {}}],
    "unicode": "Straße ΑΣ ǆ İ ﬁ", "lines": "a\n\n  b\r\nc\n", "specials": "<|im_end|>\\ \t\u0001\u007f\u00a0\u2028",
}


def expressions():
    """Expressions, each of which is written out in {{ }}."""
    groups = {
        "literals": """1 | 1_000 | 0x1F | 0b101 | 0o17 | 1.5 | 1e3 | 1.5e-7 | 1e16 | 123456789012345680.0 | 0.0001 | 0.00001
            | 'a' 'b' | "q\\"q" | 'it\\'s' | 'a\\nb\\tc\\\\d' | '\\x41\\u00e9\\U0001F600' | '\\101\\q' | true | True | none | None | false
            | [] | [1, 'a', None, 1.0,] | () | (1,) | (1, 2) | 1, 2 | {} | {'a': 1, 'b': [True]} | {1: 2, None: 3, 1.5: 4}
            | ['it\\'s', "a\\"b", 'both\\'"', 'n\\n\\x01\\u200b\\xa0é'] | {'k': 'v'}.k | [1, 2].0 | (1) | ((1, 2), [3]) | -0.0 | 1.0 | 100.0""",
        "arithmetic": """1 + 2 | 7 - 10 | 2 * 3.5 | 7 / 2 | 6 / 3 | 7 // 2 | -7 // 2 | 7 // -2 | -7 % 3 | 7 % -3 | 7.5 // 2 | -7.5 % 2 | 7.5 % -2
            | 2 ** 10 | 2 ** -1 | 2 ** 0.5 | -2 ** 2 | 2 ** 3 ** 2 | (-8) ** 2 | 1 + true | true + true | -true | +5 | - 5 | -number | 1 / 0 | 1 // 0
            | 1 % 0 | 1.0 / 0 | 'a' + 'b' | 'a' + 1 | 1 + 'a' | [1] + [2] | (1,) + (2,) | [1] + (2,) | 'ab' * 3 | 3 * 'ab' | 'ab' * -1 | [0] * 3 | 'a' - 'b'
            | none + 1 | missing + 1 | 1 + missing | 'a' + missing | -missing | 1 ~ 2 ~ 'a' ~ none ~ missing ~ 1.0 | 1 + 2 ~ 3 * 4 | 10 - 2 - 3 | 100 / 10 / 2
            | 7 % 4 * 2 | 1 + 2 * 3 - 4 // 2 | 0.1 + 0.2 | 1e308 * 10 | 5 // 0.3 | 9007199254740993 + 0.0 | -7 // 2.0 | 0 * -1.0""",
        "comparison": """1 < 2 | 1 < 2 < 3 | 1 < 3 < 2 | 1 == 1.0 | true == 1 | 'a' < 'b' | 'a' == "a" | 'B' < 'a' | [1, 2] < [1, 3] | [1] == [1.0] | (1,) == [1]
            | {'a': 1, 'b': 2} == {'b': 2, 'a': 1} | none == missing | missing == other | missing != 1 | 1 < 'a' | none < 1 | missing < 1 | 1 != 2 | 2 >= 2 | 2 <= 1
            | 1 in list | 9 in list | 'wo' in 'two' | '' in '' | 'a' in dict | 'z' not in dict | 1 in 'a' | 1 in missing | missing in list | 'x' in none | not true
            | not 1 == 2 | not not 1 | 1 and 2 | 0 and 2 | 0 or 'x' | '' or none | missing or 1 | 1 or 1 / 0 | true and not false | 1 if yes | 1 if no | 1 if no else 2
            | 'a' if no else 'b' if no else 'c' | (1 if no) is undefined | 'é' < 'z' | 1.5 in [1.5] | true in [1] | [] == [] == [] | dict == dict | 1 == '1'""",
        "access": """messages[0].role | messages[0]['role'] | messages[-1].content | messages[9] | messages[9].role | messages[0].missing | messages[0].missing.more
            | messages[0]['missing'] | dict.b | dict['b'] | dict.items | dict['items'] | tools[0].function.parameters['items'] | list[0] | list[-1] | list[1.5] | list['a'] | list['0']
            | text[0] | text[-2] | unicode[4] | text[100] | text[0][0] | nested[1][0] | (1, 2)[1] | dict[0] | none.x | none[0] | number.x | missing.x | missing[0] | missing['x']
            | messages[0].get('role') | messages[0].get('x') | messages[0].get('x', 'd') | dict.get() | dict.keys() | dict.values() | dict.items() | dict.items()|list | dict.keys()|list
            | dict.copy() | list.copy() | list.index(1) | list.index(9) | list.count(1) | 'a'.upper | list.append(1) | dict.update({}) | dict.pop('a') | list.sort() | ''.__class__
            | text.__len__() | dict.keys()[0] | dict.items()|first | messages.0.role | dict.a.b | word.foo | word.foo() | dict['a']() | none() | number() | 'a'() | text[none]""",
        "slices": """list[1:] | list[:1] | list[:] | list[::-1] | list[::2] | list[-2:] | list[5:] | list[:-5] | list[1:2] | list[2:1] | list[-1:0:-1] | text[1:4] | text[::-1]
            | text[-3:] | unicode[2:6] | unicode[::-2] | (1, 2, 3)[1:] | list[none:2] | list[1:none:2] | list[::0] | list['a':] | dict[1:] | missing[1:] | range(10)[2:8:3]|list | text[:99]
            | 'abc'[9223372036854775807:] | 'abc'[-9223372036854775807::9223372036854775807] | 'abc'[::-9223372036854775807] | number[1:] | ''[::-1] | text[2:-2]""",
        "strings": """text.strip() | text.lstrip() | text.rstrip() | 'xxaxx'.strip('x') | 'abcba'.strip('ab') | text.split() | text.split(' ') | text.split(none, 1) | text.split(' ', 1)
            | 'a,b,c'.split(',') | 'a,b,c'.rsplit(',', 1) | text.rsplit(none, 1) | text.split(maxsplit=2) | ''.split() | ''.split(',') | 'abc'.split('') | lines.splitlines() | lines.splitlines(true)
            | text.startswith('one') | text.startswith(('x', 'one')) | text.endswith(' ') | text.startswith('two', 4) | word.upper() | word.lower() | word.title() | word.capitalize() | word.swapcase()
            | unicode.upper() | unicode.lower() | unicode.title() | unicode.capitalize() | "they're bill's".title() | text.replace('o', '0') | text.replace('o', '0', 1) | 'aaa'.replace('aa', 'b')
            | 'abc'.replace('', '-') | 'é'.replace('', '-') | 'abc'.replace('', '-', 2) | ','.join(names) | ','.join([1]) | ''.join('abc') | ', '.join(dict) | text.find('two') | text.find('x') | unicode.find('Α')
            | text.rfind('o') | text.index('x') | text.count('o') | 'aaa'.count('aa') | 'abc'.count('') | text.find('o', 1, 5) | 'ab'.center(7, '*') | 'ab'.center(6) | 'abc'.center(6) | 'ab'.ljust(4) ~ '|'
            | 'ab'.rjust(4, '.') | '42'.zfill(5) | '-42'.zfill(5) | 'a=b=c'.partition('=') | 'a=b=c'.rpartition('=') | 'abc'.partition('x') | 'prefix-a'.removeprefix('prefix-') | 'a.txt'.removesuffix('.txt')
            | '12'.isdigit() | '1a'.isdigit() | ''.isdigit() | 'ab'.isalpha() | 'a1'.isalnum() | ' '.isspace() | 'AB'.isupper() | 'aB'.islower() | 'Ab Cd'.istitle() | 'é'.isascii() | '½'.isnumeric() | '²'.isdecimal()
            | 'a'.upper(1) | 'a'.join() | 'a'.strip(1) | text.startswith(1) | text.replace('a') | specials.isprintable() | 'x' * 3 ~ 'y' | 'a\\tb'.split('\\t') | ' a  b '.split(' ') | ' a  b '.rsplit(none, 1) | ' a  b '.split(none, 0)""",
        "formats": """'{} {}'.format(1, 'a') | '{1}{0}'.format('a', 'b') | '{a}'.format(a=1) | '{{}}{}'.format(2) | '{:>5}|{:<5}|{:^5}'.format('a', 'b', 'c') | '{:05d}'.format(42) | '{:.2f}'.format(2.675)
            | '{:,}'.format(1234567) | '{:x}'.format(255) | '{:#x}'.format(255) | '{:+d}'.format(5) | '{:%}'.format(0.25) | '{:*^7}'.format('x') | '{!r}'.format('a') | '{0.name}'.format(1) | '{0[a]}'.format(dict)
            | '{0[1]}'.format(list) | '{}'.format(none) | '{}'.format(list) | '{}'.format(1.0) | '{}'.format() | '{a}'.format() | '{' .format() | '{:e}'.format(12345.678) | '{:.3}'.format('abcdef') | '{:d}'.format('a')
            | '%s and %s' % ('a', 1) | '%d' % 3.7 | '%5d|%-5d|%05d' % (1, 2, 3) | '%.2f' % 2.675 | '%x %X %o' % (255, 255, 8) | '%s' % none | '%s' % list | '%s' % missing | '%r' % 'a' | '%(a)s' % dict | '%%' % () | '100%' % ()
            | '%s' % () | '%s' % (1, 2) | '%d' % 'a' | '%e' % 1234.5 | '%g' % 0.00001 | '%g' % 123456789.0 | '%c' % 65 | '%+d' % 5 | '%5.1f|' % 3.14159 | '%s' % (1,) | 'a' % 1 | 'a' % dict | '%i' % true
            | '%s %s'|format('a', 'b') | '%(x)s'|format(x=1)""",
        "filters": """'a'|upper | -1|abs | real|abs | negative|abs | list|length | text|length | unicode|count | dict|length | number|length | missing|length | list|first | list|last | [] |first | ''|last | text|first | dict|first
            | names|join | names|join(', ') | list|join('-') | people|join(', ', attribute='name') | names|sort | names|sort(reverse=true) | names|sort(case_sensitive=true) | people|sort(attribute='age')|map(attribute='name')|list
            | people|sort(attribute='age,name')|map(attribute='name')|list | people|map(attribute='address.city')|list | people|map(attribute='address.city', default='?')|list | [3, 'a']|sort | names|unique|list | ['a', 'A', 'b']|unique|list
            | [1, 2, 1.0]|unique|list | list|max | list|min | names|max | [] |max | people|max(attribute='age') | list|sum | people|sum(attribute='age') | [1.5, 2]|sum(start=1) | ['a']|sum | list|reverse|list | 'abc'|reverse | dict|dictsort
            | dict|dictsort(true) | dict|dictsort(by='value') | dict|dictsort(reverse=true) | list|dictsort | dict|items|list | missing|items|list | list|items | names|map('upper')|list | names|map('replace', 'a', 'x')|join | [1, 0, 2]|select|list
            | [1, 0, 2]|reject|list | [1, 2, 3]|select('odd')|list | [1, 2, 3]|reject('even')|list | [1, 2, 3]|select('>', 1)|list | people|selectattr('age', 'equalto', 30)|map(attribute='name')|join(',') | people|rejectattr('address.city')|list|length
            | people|selectattr('address.city')|list|length | people|selectattr('name', 'in', ['Eve'])|list | names|select('nonsense')|list | names|map('nonsense')|list | range(7)|batch(3)|list | range(7)|batch(3, 'x')|list | range(7)|slice(3)|list
            | range(7)|slice(3, 'x')|list | missing|default('d') | none|default('d') | none|default('d', true) | ''|d('x', true) | 0|default(1) | missing|default | 'a b'|title | "foo-bar (baz) it's"|title | 'aBC'|capitalize | ' a '|trim ~ '|' | 'xax'|trim('x')
            | 'ABC'|lower | 'a'|center(5) ~ '|' | 'abc'|replace('b', 'x') | 'aaa'|replace('a', 'b', 2) | 123|replace(2, 4) | lines|indent | lines|indent(2, true) | lines|indent('> ', blank=true) | 'a\\nb'|indent(width=1, first=True) | 2.5|round | 3.5|round | 2.675|round(2)
            | 2.1|round(method='ceil') | 2.19|round(1, 'floor') | 1234|round(-2) | 7|round | 'a'|round | '42'|int | '4.7'|int | 'x'|int | 'x'|int(5) | ' 12 '|int | '0x1F'|int(base=16) | 'ff'|int(0, 16) | '1_000'|int | none|int | list|int | 3.9|int | '1e3'|int
            | '2.5'|float | 'x'|float | 'x'|float(1.5) | true|float | '1_0.5'|float | ' .5 '|float | '5.'|float | 'nan'|float | '-inf'|float | 42|string ~ 1 | list|string | 'abc'|list | dict|list | number|list | '<a href="x">&\\'</a>'|e | 'a'|safe | 'a b  c'|wordcount
            | 'hello big world'|truncate(9) | 'hello big world'|truncate(9, true, '…', 0) | 'hello'|truncate(9) | missing|upper ~ '|' | missing|trim ~ '|' | none|upper | missing|join | missing|list | missing|sum | list|upper | 1|first | names|first|upper
            | list|sort|first + 1 | -1|abs + 2 | 'a'|upper ~ 'b'|upper | dict|attr('items') is callable | dict|attr('b') is defined | none|trim | 5|string|length""",
        "tojson": """dict|tojson | list|tojson | none|tojson | true|tojson | 1.0|tojson | 1e100|tojson | 'é"\\\\/\\n\\t\\x01\\x7f'|tojson | unicode|tojson | unicode|tojson(ensure_ascii=true) | messages[2].tool_calls|tojson | tools|tojson(indent=2) | tools|tojson(indent=4)
            | [] |tojson(indent=2) | {}|tojson | [[], {}]|tojson(indent=1) | dict|tojson(separators=(',', ':')) | dict|tojson(sort_keys=true) | dict|tojson(indent=2, separators=(', ', ' = '), sort_keys=true) | (1, 'a')|tojson | {1: 2, none: 3, true: 4, 1.5: 5}|tojson
            | missing|tojson | dict.items()|tojson | range(3)|tojson | [missing]|tojson | namespace(a=1)|tojson | dict|tojson(indent='\\t') | '<>&\\''|tojson | specials|tojson | 'nan'|float|tojson | '-inf'|float|tojson | {'b': 1, 'a': {'d': [1, 2], 'c': none}}|tojson(indent=2)
            | dict|tojson(indent=0) | dict|tojson(none, none) | [1, [2, [3]]]|tojson(indent=2) | {(1, 2): 3}|tojson | -0.0|tojson | 12345678901|tojson""",
        "tests": """missing is defined | number is defined | missing is undefined | none is none | number is none | none is not none | yes is true | 1 is true | no is false | yes is boolean | 1 is boolean | 1 is integer | true is integer | 1.0 is integer | 1.0 is float
            | 1 is number | true is number | 'a' is number | 'a' is string | 1 is string | dict is mapping | list is mapping | list is sequence | 'a' is sequence | dict is sequence | 1 is sequence | missing is sequence | dict.keys() is sequence | list is iterable | 1 is iterable
            | none is iterable | missing is iterable | 3 is odd | 4 is even | 'a' is odd | 9 is divisibleby 3 | 9 is divisibleby(2) | 9 is divisibleby 0 | 1 is eq 1 | 1 is equalto(2) | 1 is ne 2 | 1 is lt 2 | 2 is ge 2 | 1 is in [1, 2] | 'a' is in 'abc' | 'ab' is lower | 'AB' is upper
            | '1' is lower | range is callable | 'a' is callable | missing is callable | none is sameas none | true is sameas true | 1 is sameas true | 'upper' is filter | 'nope' is filter | 'odd' is test | not missing is defined | missing is not defined and true | 1 is not in [2]
            | 'a' is string and 1 is number | dict.b is defined and dict.z is not defined | messages[0].content is string | missing is none | 1 is odd is even | 3 is odd() | (3 is odd)|string | number is number == true | 4 is divisibleby(2) and 4 is even""",
        "functions": """range(3)|list | range(1, 4)|list | range(5, 0, -2)|list | range(0)|list | range(100001)|list | range(1, 2, 0) | range('a') | range(3)|length | range(3)[1] | 2 in range(3) | range(2, 5)|join(',') | dict(a=1, b='x') | dict([('a', 1)]) | dict({'a': 1}, b=2)
            | namespace(a=1).a | namespace().x is defined | namespace({'a': 3}).a | strftime_now('%Y-%m-%d %H:%M:%S') | strftime_now('%d %B %Y, %A %b %a %j %p %I %y %%') | strftime_now('%-d %-m') | raise_exception('no: ' ~ 1) | range(3) == range(3) | range(*[1, 3])|list
            | dict(**{'a': 1}) | range() | namespace(1)""",
    }
    for group in groups.values():
        for text in group.replace("\n", " ").split(" | "):
            if text.strip(" |"):
                yield "{{ " + text.strip(" |") + " }}"


STATEMENTS = r"""
{% for x in list %}{{ x }},{% endfor %}
{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}
{% for x in list %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem is defined }} {% endfor %}
{% for x in list %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }} {% endfor %}
{% for x in [] %}x{% else %}none{% endfor %}
{% for x in missing %}x{% else %}none{% endfor %}
{% for x in none %}x{% endfor %}
{% for x in 5 %}x{% endfor %}
{% for c in word %}{{ c }}-{% endfor %}
{% for k in dict %}{{ k }}{% endfor %}
{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}
{% for k, v in dict|dictsort %}{{ k }}={{ v }};{% endfor %}
{% for a, b in nested %}{{ a + b }} {% endfor %}
{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}
{% for a, b in [1] %}{{ a }}{% endfor %}
{% for x in list if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}
{% for x in list if x > 9 %}{{ x }}{% else %}empty{% endfor %}
{% for x in [1, 2, 3, 4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in list %}{% for y in nested %}{{ loop.depth }}{{ loop.index }}{% endfor %}{{ loop.index }};{% endfor %}
{% for x in list %}{% set outer = loop %}{% for y in [1] %}{{ outer.index }}{% endfor %}{% endfor %}
{% set x = 1 %}{% for i in list %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}
{% set ns = namespace(x=0) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}
{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns.b }}{{ ns['a'] }}
{% set x = 1 %}{% set x.y = 2 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set a = 1, 2 %}{{ a }}
{% set a, b = [1] %}
{% set x %}  block {{ number }} {% endset %}[{{ x }}]
{% set x | upper | trim %} block {% endset %}[{{ x }}]
{% set x %}{% set y = 1 %}{% endset %}{{ y is defined }}
{% if yes %}a{% elif no %}b{% else %}c{% endif %}
{% if no %}a{% elif yes %}b{% else %}c{% endif %}
{% if no %}a{% elif no %}b{% else %}c{% endif %}
{% if missing %}a{% endif %}b
{% if yes %}{% set inner = 3 %}{% endif %}{{ inner }}
{% if not yes or list and 1 < 2 %}t{% endif %}
{% if 1 if yes else 0 %}t{% endif %}
{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, c=3) }} {{ m(b=5, a=4) }} {{ m() }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m(a) %}{{ a }}{{ varargs|length }}{{ kwargs.x }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body {{ number }}{% endcall %}
{% macro m() %}[{{ caller(1, 2) }}]{% endmacro %}{% call(a, b) m() %}{{ a + b }}{% endcall %}
{% macro m() %}x{% endmacro %}{% call m() %}body{% endcall %}
{% macro m() %}{{ caller is defined }}{% if caller %}{{ caller() }}{% endif %}{% endmacro %}{{ m() }}
{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}
{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}
{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}
{% macro m() %}{% set inner = 1 %}{{ inner }}{% endmacro %}{{ m() }}{{ inner is defined }}
{% macro a() %}A{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}
{% macro m() %}  x  {% endmacro %}[{{ m()|trim }}]{{ m() is string }}{{ m().strip() }}
{% macro m(x) %}{{ x.role }}{% endmacro %}{% for x in messages %}{{ m(x) }}{% endfor %}
{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{'a': 3, 'b': 4}) }}
{% macro m(a=[]) %}{{ a }}{% endmacro %}{{ m() }}{{ m.name }}
{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}
{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}
{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}
{% filter upper %}abc {{ word }}{% endfilter %}
{% filter replace('a', 'x') | upper %}banana{% endfilter %}
{% generation %}{{ number }}{% set q = 1 %}{% endgeneration %}{{ q is defined }}
{% raw %}{{ not }} {% this %}{% endraw %}
{%- raw -%}  {{ x }}  {%- endraw -%}  b
a {# comment #} b {#- trimmed -#}  c
a  {#+ kept #}  b
{# {{ in comment }} {% if %} #}x
  {% if yes %}
  indented
  {% endif %}
end
  {%- if yes %}
  indented
  {%- endif %}
end
a
  {%+ if yes %}b{% endif %}
c
{% if yes +%}
x{% endif %}
text {% if yes %} inline {% endif %} more
{{ number }}
{{ number -}}
 after
before 
 {{- number }}
{{- number -}}
{% if yes -%}   x   {%- endif %}
{% for x in list %}
{{ x }}
{% endfor %}
{% for x in list -%}
{{ x }}
{%- endfor %}
	{% set tab = 1 %}tab
 x {% set sp = 1 %}
 y
{% set g = people|selectattr('age', 'equalto', 30) %}{% for p in g %}{{ p.name }}{% endfor %}{% for p in g %}{{ p.name }}{% endfor %}.
{% set g = names|map('upper') %}{{ g|first }}{{ g|list }}
{% set x = [1, 2] %}{% set y = x + [3] %}{{ x }}{{ y }}
{% set d = dict(dict, z=9) %}{{ d }}{{ dict }}
{{ raise_exception('stop') }}
{% if missing is defined and missing.x %}a{% else %}b{% endif %}
{% if messages[0].role == 'system' %}{% set sys = messages[0].content %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}{{ sys|trim }}{% for m in rest %}<{{ m.role }}>{{ m.content }}{% endfor %}
{% for m in messages[::-1] %}{{ m.role }},{% endfor %}
{% for t in tools %}{% for n, p in t.function.parameters.properties.items() %}{{ n }}:{{ p.type if p.type is string else p.type|join('|') }}{{ ', ' if not loop.last }}{% endfor %}{% endfor %}
{% for call in messages[2].tool_calls %}{{ call.function.name }}({% for k, v in call.function.arguments|items %}{{ k }}={{ v|tojson }}{{ "," if not loop.last else "" }}{% endfor %}){% endfor %}
{{ 'a' if messages|length > 3 and messages[-1].role == 'tool' else 'b' }}
{%- for m in messages %}{%- if (m.role == 'user') != (loop.index0 % 2 == 1) %}{{ raise_exception('alternate') }}{% endif %}{% endfor %}
{% set content = messages[1].content %}{{ content.split('</b>')[-1].lstrip(' &') }}
{{ messages|map(attribute='role')|unique|join(',') }}{{ messages|map(attribute='content')|select('string')|list|length }}
{% if tools is not none and tools %}{{ tools|length }}{% endif %}
{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '[' + message['role'] + ']' %}{% if loop.index0 == 0 %}{% set content = 'BOS' + content %}{% endif %}{{ content }}{% endfor %}
{% unknown %}
{% if yes %}
{% endif %}
{% for %}{% endfor %}
{{ 1 + }}
{{ (1 }}
{{ 'open }}
{{ a b }}
{% if yes %}{% endfor %}
{{ x|nofilter }}
{{ x is notest }}
{% break %}
{% set 1 = 2 %}
{% set true = 2 %}
{% include 'x' %}
{% extends 'x' %}
{% do x %}
{{ }}
{% %}
{# open
{% macro m(a=1, b) %}{% endmacro %}
{{ f(a=1, 2) }}
{% call 1 %}{% endcall %}
{{ 1 ! 2 }}
{{ ] }}
{% for loop in list %}{% endfor %}
{{ loop }}
{% for x in list %}{{ x }}{% else %}{% endif %}
{% endraw %}
{{ 'a' 'b' ~ "c" }}{{ {'a': 1,}['a'] }}{{ [1,][0] }}
{{ not x is defined }}{{ x is not defined }}
{{ messages[0] }}
{{ [messages[3], 1.50, none, missing] }}
{{ specials }}|{{ [specials] }}
{{ -5|abs }}{{ 2 * -3 }}{{ - - 3 }}{{ not not 3 }}
{{ yes and 'a' or 'b' }}{{ (no and 'a') or 'b' }}
{{ dict.items()|list|first|last }}{{ dict.values()|sum }}
{% set _ = 1 %}{{ _ }}{% set é = 2 %}{{ é }}
{{ 'x'.join(['a', 'b'])|upper|replace('X', '-') }}
{{ [[1, 2], {'a': (1,)}] }}{{ {'a': {'b': none}} }}
{% if 'a' in dict and dict.a == 2 %}ok{% endif %}
{{ lines }}|
{% for x in range(3) %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}
{% for i in range(0, messages|length, 2) %}{{ messages[i].role }} {% endfor %}
{% set ns = namespace(found=false, items=[]) %}{% for m in messages %}{% if m.role == 'tool' %}{% set ns.found = true %}{% endif %}{% set ns.items = ns.items + [m.role] %}{% endfor %}{{ ns.found }}{{ ns.items }}
"""


def statements():
    """Templates of one line, and of several where a line does not begin at the margin or is continued."""
    multi = [
        "a\n  {% if yes %}\n  b\n  {% endif %}\nc\n",
        "a\n  {%- if yes %}\n  b\n  {%- endif %}\nc\n\n",
        "a\n  {%+ if yes %}\n  b\n  {%+ endif +%}\nc",
        "{% for x in list %}\n  {{ x }}\n{% endfor %}\n",
        "{% for x in list -%}\n  {{ x }}\n{%- endfor %}\n",
        "  {# c #}\n  x {# d #}\n  y",
        "x\n  {#- c -#}\n  y",
        "{{ number }}\n{{ number -}}\n {{ number }}",
        "{% raw %}\n {{ x }} {% y %}\n {% endraw %}\nz",
        " {%- raw -%}\n  {{ x }}\n  {%- endraw -%}\n z",
        "a\r\nb\r{% if yes %}\r\nc{% endif %}\r\n",
        "{{ 'a\nb' }}\n\n",
        "{{\n  1 +\n  2\n}}",
        "{% set x %}\n a\n{% endset %}\n[{{ x }}]",
        "{% macro m(a) %}\n  {{ a }}\n{% endmacro %}\n{{ m(1) }}{{ m(2) }}",
        "\u00a0 {% if yes %}x{% endif %}\n\u2003{%- if yes -%}\u2003x{% endif %}",
        "{% if yes %}  \n x{% endif %}",
        "x{{ '\\\n' }}y",
        "{%- set a = 1 -%}\n\n{{- a -}}\n\n{%- if a -%}\n\n y \n\n{%- endif -%}\n",
        "\n{% if yes %}\n\n{% endif %}\n\n",
        "{{ {'a': {'b': 1}} }}{{ {'a': {'b': 1}}['a']['b'] }}",
        "{{ '%}' }}{{ '}}' }}{% if '%}' %}x{% endif %}",
    ]
    return [line for line in STATEMENTS.split("\n") if line.strip()] + multi


def case(template):
    result = {"template": template}
    try:
        result["expected"] = environment().from_string(template).render(**INPUT)
    except RecursionError:
        result["error"] = "RecursionError"
    except Exception as error:
        result["error"] = type(error).__name__
    return result


def is_repeatable(result):
    """What prints an address or has no fixed form is no case."""
    return " at 0x" not in result.get("expected", "")


if __name__ == "__main__":
    templates = list(expressions()) + statements()
    cases = [c for c in map(case, templates) if is_repeatable(c)]
    lines = [json.dumps(c, ensure_ascii=False) for c in cases]
    print('{"input": ' + json.dumps(INPUT, ensure_ascii=False) + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}")
