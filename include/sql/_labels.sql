{# A label as people write it: Wrike writes those of drop-down lists as HTML (Wrike API v4, "Custom Fields", values). #}
{%- macro label(text) -%}
replace(replace(replace(replace(replace({{ text }}, '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&')
{%- endmacro %}
