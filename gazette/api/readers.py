"""What the API tells its readers of a field, apart from what the desk tells its clerks."""

from rest_framework import serializers

# Of the fields that records share; what is told of the others stands in the `extra_kwargs` of their forms.
TOLD = {
    "code": "小写字母、数字和连字符；一经公开不再更改，也不再用于别的记录。",
    "quote": "一字不差地照录本条所依据的原文。",
}


# No docstring, which would be the description of each form in the schema.
class ForReaders(serializers.ModelSerializer):
    def build_field(self, field_name, info, model_class, nested_depth):
        """A field without the help of its model, which is for clerks."""
        field_class, options = super().build_field(field_name, info, model_class, nested_depth)
        if options.pop("help_text", None) and field_name in TOLD:
            options["help_text"] = TOLD[field_name]
        return field_class, options
